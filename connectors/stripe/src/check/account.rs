//! The account, and the key's own kind.

use mrr_connector_sdk::{Check, Http, SourceError, json};

/// The kind of a key, from its prefix. Keys of no known kind are used all the same.
pub(super) fn kind_of(key: &str) -> Option<&'static str> {
    match key.split('_').next() {
        Some("sk") => Some("secret key"),
        Some("rk") => Some("restricted key"),
        _ => None,
    }
}

/// The permission that a stream needs, as the Dashboard calls it when a restricted key is made.
pub(super) fn permission(stream: &str) -> &'static str {
    match stream {
        "products" => "Products",
        "prices" => "Prices",
        "coupons" => "Coupons",
        "customers" => "Customers",
        "refunds" => "Charges and Refunds",
        "subscriptions" | "subscription_schedules" => "Subscriptions",
        _ => "Invoices",
    }
}

/// Asks for the account's id and name.
pub(super) async fn account(http: &Http, check: &mut Check) -> Result<(), SourceError> {
    match http.get("/v1/account", &[]).await {
        Ok(answer) => {
            if let Ok(account) = json::Object::of(&answer.body) {
                check.account = account.get("id").and_then(|id| id.string().ok());
                check.name = name_of(&account);
            }
        }
        // A restricted key need not be allowed to read the account; nothing else depends on it.
        Err(error @ SourceError::Forbidden { .. }) => {
            check.notes.push(format!("the account's id is unknown, and nothing fails without it: {error}"));
        }
        Err(error) => return Err(error),
    }
    if check.key.as_deref() == Some("secret key") {
        check.notes.push("a secret key may change anything; a restricted key with Read is enough".into());
    }
    Ok(())
}

/// The public name, else the one in the Dashboard.
fn name_of(account: &json::Object<'_>) -> Option<String> {
    let within = |path: &[&str]| {
        let (last, above) = path.split_last()?;
        let mut object = account.clone();
        for name in above {
            object = object.get(name)?.object().ok()?;
        }
        object.get(last)?.string().ok().filter(|name| !name.trim().is_empty())
    };
    within(&["business_profile", "name"]).or_else(|| within(&["settings", "dashboard", "display_name"]))
}
