//! The laws of connectors against a running sandbox.
//!
//! Skipped unless `MRR_SANDBOX_URL` is the address that `sandbox serve --face hubspot` prints.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]
#![allow(clippy::disallowed_methods, reason = "a test is given its sandbox by the environment")]

use mrr_connector_sdk::{Http, Limits, compliance};
use revenue::calendar::Zone;

#[tokio::test(flavor = "multi_thread")]
async fn the_laws_are_kept() {
    let Ok(url) = std::env::var("MRR_SANDBOX_URL") else {
        eprintln!("skipped: MRR_SANDBOX_URL is not set");
        return;
    };
    let settings = format!(
        "access_token = 'sk_test_sandbox'\nbase_url = '{url}'\nrequests_per_second = 5000\nsearches_per_second = 5000\n\
         attributes = {{ segment = 'customer_tier', health = 'customer_health', seats_in_use = 'active_users' }}"
    );
    let connector = mrr_connector_hubspot::configure(settings.parse().unwrap(), Zone::UTC).unwrap();
    let http = Http::new(connector.api(), Limits::default()).unwrap();
    let report = compliance::check(connector.as_ref(), &http).await.unwrap();
    eprintln!("{:?}, {} pages, {} requests", report.counts, report.pages, http.requests());
    assert_eq!(report.broken, [] as [&str; 0]);
}
