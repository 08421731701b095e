//! The laws, against a running sandbox: `sandbox serve --face chargebee` prints its address.
//!
//! Skipped unless `MRR_CHARGEBEE_URL` is set to that address; `MRR_CHARGEBEE_CATALOG=1.0` for one with `--catalog v1`.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]
#![allow(clippy::disallowed_methods, reason = "a test is given its sandbox by the environment")]

use mrr_connector_sdk::{Http, Limits, compliance};

#[tokio::test(flavor = "multi_thread")]
async fn the_laws_are_kept() {
    let Ok(url) = std::env::var("MRR_CHARGEBEE_URL") else {
        eprintln!("skipped: MRR_CHARGEBEE_URL is not set");
        return;
    };
    let catalog = std::env::var("MRR_CHARGEBEE_CATALOG").unwrap_or_else(|_| "2.0".into());
    let settings = format!(
        "site = 'sandbox-test'\napi_key = 'sk_test_sandbox'\nbase_url = '{url}'\nrequests_per_second = 5000\nproduct_catalog = '{catalog}'"
    );
    let connector = mrr_connector_chargebee::configure(settings.parse().unwrap()).unwrap();
    let http = Http::new(connector.api(), Limits::default()).unwrap();
    let check = connector.check(&http).await.unwrap();
    assert!(check.streams.iter().all(|stream| stream.readable.is_ok()), "{check:?}");
    let report = compliance::check(connector.as_ref(), &http).await.unwrap();
    eprintln!("{:?}, {} pages, {} requests", report.counts, report.pages, http.requests());
    assert_eq!(report.broken, [] as [&str; 0]);
    let mapper = connector.mapper(&report.references);
    for (account, records) in &report.accounts {
        assert_eq!(mapper.facts(account, records).problems, [], "{account}");
    }
}
