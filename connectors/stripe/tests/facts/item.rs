//! Items that come and go.

use serde_json::{Value, json};

use super::build::*;
use super::case::*;

#[test]
fn items_come_and_go() {
    let day = ("2025-02-16", "2025-03-01");
    let items = |extra: Value| vec![item("si_1", "team_m", 1, "2025-01-01", APR), extra];
    let [jan, feb, mar, apr] = cycles("team_m", 1).try_into().unwrap();
    let team: [&str; 2] = [
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice",
        "si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed",
    ];
    let added = [
        team[0],
        team[1],
        "si_2 Add-on 2 = 10 EUR / 1 month, 2025-02-16 to 2025-04-10, invoice",
        "si_2 Add-on 2 = 10 EUR / 1 month, 2025-04-10 to ..., observed",
    ];
    let active = |items: Vec<Value>| subscription("active", "2025-01-01", items, json!({}));
    check(Case {
        name: "an item is added in mid-period",
        subscription: active(items(item("si_2", "add_m", 2, "2025-02-16", APR))),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice(
                "in_mar",
                "2025-03-01",
                vec![debit("si_2", "add_m", 2, day), period("si_1", "team_m", 1, MAR), period("si_2", "add_m", 2, MAR)],
            ),
            apr.clone(),
        ],
        pending: vec![],
        charges: added.to_vec(),
    });
    let mut unnamed = debit("si_2", "add_m", 2, day);
    unnamed["parent"] = json!({"type": "invoice_item_details", "invoice_item_details": {
        "invoice_item": "ii_9", "proration": true, "subscription": "sub_1",
    }});
    check(Case {
        name: "a line that does not name its item is matched by its price",
        subscription: active(items(item("si_2", "add_m", 2, "2025-02-16", APR))),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice("in_mar", "2025-03-01", vec![unnamed, period("si_1", "team_m", 1, MAR)]),
        ],
        pending: vec![],
        charges: added.to_vec(),
    });
    check(Case {
        name: "an item is removed in mid-period, and only lines tell of it",
        subscription: active(now("team_m", 1)),
        invoices: vec![
            invoice("in_jan", "2025-01-01", vec![period("si_1", "team_m", 1, JAN), period("si_0", "add_m", 1, JAN)]),
            invoice("in_feb", "2025-02-01", vec![period("si_1", "team_m", 1, FEB), period("si_0", "add_m", 1, FEB)]),
            invoice("in_mar", "2025-03-01", vec![credit("si_0", "add_m", 1, day), period("si_1", "team_m", 1, MAR)]),
            apr.clone(),
        ],
        pending: vec![],
        charges: vec!["si_0 Add-on 1 = 5 EUR / 1 month, 2025-01-01 to 2025-02-16, invoice", team[0], team[1]],
    });
    check(Case {
        name: "an item that was not renewed ended some time in its last period",
        subscription: active(now("team_m", 1)),
        invoices: vec![
            invoice("in_jan", "2025-01-01", vec![period("si_1", "team_m", 1, JAN), period("si_0", "add_m", 1, JAN)]),
            feb.clone(),
            mar.clone(),
            apr.clone(),
        ],
        pending: vec![],
        charges: vec![
            "si_0 Add-on 1 = 5 EUR / 1 month, 2025-01-01 to 2025-01-16T12:00:00, projected",
            team[0],
            team[1],
        ],
    });

    let phase = |start: &str, end: &str, prices: &[&str]| {
        let items: Vec<_> = prices.iter().map(|price| json!({"price": price, "quantity": 1})).collect();
        json!({"start_date": seconds(start), "end_date": seconds(end), "items": items})
    };
    let schedule = json!({
        "id": "sub_sched_1", "customer": "cus_1", "status": "active", "subscription": "sub_1",
        "phases": [phase("2025-01-01", "2025-02-01", &["team_m", "add_m"]), phase("2025-02-01", "2026-02-01", &["team_m"])],
    });
    let jan = invoice("in_jan", "2025-01-01", vec![period("si_1", "team_m", 1, JAN), period("si_0", "add_m", 1, JAN)]);
    let mut records = records(&[active(now("team_m", 1))], &[jan, feb, mar, apr], &[], SEEN);
    records.push(record("subscription_schedules", SEEN, schedule));
    let found = facts(&records);
    let charges: Vec<String> = found.charges.iter().map(told).collect();
    let planned = "si_0 Add-on 1 = 5 EUR / 1 month, 2025-01-01 to 2025-02-01, invoice";
    assert_eq!((charges, doubts(&found)), (vec![planned.to_owned(), team[0].to_owned(), team[1].to_owned()], vec![]));
}
