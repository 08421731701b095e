//! Each mistake, and the sentence that an admin reads.

use std::path::Path;

use super::Config;

const DATABASE: &str = "[database]\nurl = 'postgresql:///revenue'\n";
const BOOK: &str = "[book]\ncurrency = 'EUR'\n";

fn complaint(text: &str) -> String {
    match Config::parse(Path::new("mrrd.toml"), text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(complaints) => lines_only(&complaints.to_string()),
    }
}

/// Complaints without their columns, which a test of their own is about.
fn lines_only(complaints: &str) -> String {
    let line = |complaint: &str| match complaint.splitn(4, ':').collect::<Vec<_>>()[..] {
        [file, line, column, rest] if column.parse::<u32>().is_ok() => format!("{file}:{line}:{rest}"),
        _ => complaint.to_owned(),
    };
    complaints.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A file of a right book and database, and then `rest`, which begins on line 5.
fn check(rest: &str, expect: &str) {
    assert_eq!(complaint(&format!("{BOOK}{DATABASE}{rest}")), expect, "{rest}");
}

#[test]
fn a_right_file_is_accepted() {
    let text = format!(
        "{BOOK}time_zone = 'Europe/Berlin'\n{DATABASE}[rates]\nfile = 'rates.csv'\n\
         [sources.stripe-eu]\nconnector = 'stripe'\napi_key = 'sk_test_1'\nschedule = '0 15 2 * * *'\n"
    );
    let config = Config::parse(Path::new("/etc/mrrd/mrrd.toml"), &text).unwrap();
    assert_eq!(config.book.zone.name(), "Europe/Berlin");
    assert_eq!(config.book.currency.as_str(), "EUR");
    assert_eq!(config.database.connection.get_dbname(), Some("revenue"));
    let rates = config.rates.unwrap();
    assert_eq!((rates.file.to_str(), rates.source.as_str()), (Some("/etc/mrrd/rates.csv"), "ECB"));
    assert_eq!(config.sources[0].name, "stripe-eu");
    assert_eq!(config.sources[0].schedule.as_ref().unwrap().to_string(), "0 15 2 * * *");
}

#[test]
fn the_zone_is_utc_when_nobody_says_otherwise() {
    let config = Config::parse(Path::new("mrrd.toml"), &format!("{BOOK}{DATABASE}")).unwrap();
    assert_eq!(config.book.zone.name(), "UTC");
    assert!(config.sources.is_empty() && config.rates.is_none());
}

#[test]
fn unknown_keys_are_named_with_the_nearest_one() {
    check("[book2]\n", "mrrd.toml:5: unknown key `book2`; write `book`");
    check("[surces.x]\n", "mrrd.toml:5: unknown key `surces`; write `sources`");
    check("[rates]\nfile = 'x'\nsorce = 'y'\n", "mrrd.toml:7: unknown key `sorce` in [rates]; write `source`");
    assert_eq!(
        complaint(&format!("[book]\ncurrency = 'EUR'\ntimezone = 'UTC'\n{DATABASE}")),
        "mrrd.toml:3: unknown key `timezone` in [book]; write `time_zone`"
    );
    assert_eq!(
        complaint(&format!("{BOOK}{DATABASE}pool = 5\n")),
        "mrrd.toml:5: unknown key `pool` in [database]; write `url` or `password_file` or `root_certificate`"
    );
}

#[test]
fn the_book_is_checked() {
    let book = |rest: &str| complaint(&format!("[book]\n{rest}\n{DATABASE}"));
    assert_eq!(
        book("currency = 'EURO'"),
        "mrrd.toml:2: `EURO` is not a currency code: write three letters as ISO 4217 has them, such as EUR"
    );
    assert_eq!(
        book("currency = 'XXQ'"),
        "mrrd.toml:2: `XXQ` is no currency in use: write an ISO 4217 code such as EUR"
    );
    assert_eq!(book("currency = ['EUR']"), "mrrd.toml:2: `book.currency` must be text in quotes");
    assert_eq!(
        book("currency = 'EUR'\ntime_zone = 'Europe/Atlantis'"),
        "mrrd.toml:3: `Europe/Atlantis` is not a time zone: write an IANA name such as Europe/Berlin or UTC"
    );
    assert_eq!(book(""), "mrrd.toml:1: [book] lacks a setting; write `currency = \"EUR\"` in [book]");
    assert_eq!(complaint(DATABASE), "mrrd.toml: [book] lacks a setting; write `currency = \"EUR\"` in [book]");
}

#[test]
fn the_database_is_checked_without_showing_its_password() {
    assert_eq!(
        complaint(BOOK),
        "mrrd.toml: [database] lacks a setting; write `url = \"postgresql:///revenue\"` in [database]"
    );
    let database = |rest: &str| complaint(&format!("{BOOK}[database]\n{rest}\n"));
    assert_eq!(
        database("url = 'postgres://joe:canary@host:x/db'"),
        "mrrd.toml:4: `url` is not a connection string; write postgresql://user@host/database or postgresql:///database?host=/socket/folder"
    );
    assert_eq!(
        database("url = 'postgresql://host'"),
        "mrrd.toml:4: `url` names no database; write postgresql://user@host/database"
    );
    assert_eq!(
        database("url = 'postgresql:///revenue'\npassword_file = '/nowhere/password'"),
        "mrrd.toml:5: the password file /nowhere/password can't be read (entity not found); correct the path or its rights"
    );
}

#[test]
fn text_that_is_no_toml_is_named_by_line_and_not_quoted() {
    let sentence = complaint("[book]\ncurrency = 'EUR'\napi_key = sk_live_canary\n");
    assert!(sentence.starts_with("mrrd.toml:3: this is not TOML: "), "{sentence}");
    assert!(!sentence.contains("canary"), "{sentence}");
    let sentence = complaint("[book]\n[book]\n");
    assert!(sentence.starts_with("mrrd.toml:2: this is not TOML: "), "{sentence}");
}

#[test]
fn the_environment_is_read_and_what_is_missing_is_named() {
    let config = Config::parse(
        Path::new("mrrd.toml"),
        &format!("{BOOK}[database]\nurl = 'postgresql:///${{env:CARGO_PKG_NAME}}'\n"),
    );
    assert_eq!(config.unwrap().database.connection.get_dbname(), Some("mrrd"));
    check(
        "[sources.stripe]\nconnector = 'stripe'\napi_key = '${env:MRR_NOT_SET}'\n",
        "mrrd.toml:7: the environment variable `MRR_NOT_SET` is not set; export it before mrrd starts",
    );
    check("[rates]\nfile = '${env:X'\n", "mrrd.toml:6: `${env:` is not closed; write `${env:NAME}`");
}

#[test]
fn sources_are_checked_one_by_one() {
    check(
        "[sources.Stripe]\nconnector = 'stripe'\n",
        "mrrd.toml:5: `Stripe` can't name a source; use up to 63 lower-case letters, digits, `_` and `-`",
    );
    check(
        "[sources.a]\n",
        "mrrd.toml:5: source `a` names no connector; write `connector = \"stripe\" or \"chargebee\" or \"hubspot\" or \"push\"`",
    );
    check("[sources.a]\nconnector = 'strpe'\n", "mrrd.toml:6: there is no connector `strpe`; write `stripe`");
    check("[sources]\na = 5\n", "mrrd.toml:6: `a` must be a table; write [sources.a]");
    check(
        "[sources.a]\nconnector = 'stripe'\napi_key = 'k'\nschedule = 5\n",
        "mrrd.toml:8: `schedule` must be text such as \"0 15 2 * * *\" (second, minute, hour, day, month, weekday)",
    );
    check(
        "[sources.a]\nconnector = 'stripe'\napi_key = 'k'\nschedule = '15 2 * * *'\n",
        "mrrd.toml:8: `15 2 * * *` is not a schedule: it has no seconds; write `0 15 2 * * *`",
    );
    let two = "[sources.a]\nconnector = 'no'\n[sources.b]\nconnector = 'stripe'\napikey = 'canary'\n";
    let sentence = complaint(&format!("{BOOK}{DATABASE}{two}"));
    assert_eq!(sentence.lines().count(), 2, "{sentence}");
    assert!(sentence.contains("mrrd.toml:9: unknown setting `apikey`, did you mean `api_key`?"), "{sentence}");
    assert!(!sentence.contains("canary"), "{sentence}");
}

#[test]
fn names_that_differ_by_case_or_are_too_long_are_refused() {
    let source = |name: &str| format!("[sources.{name}]\nconnector = 'stripe'\napi_key = 'k'\n");
    let (longest, longer) = ("n".repeat(63), "n".repeat(64));
    let fits = format!("{BOOK}{DATABASE}{}{}", source(&longest), source(&longest[1..]));
    let names: Vec<String> =
        Config::parse(Path::new("mrrd.toml"), &fits).unwrap().sources.into_iter().map(|source| source.name).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let remedy = "can't name a source; use up to 63 lower-case letters, digits, `_` and `-`";
    check(&source(&longer), &format!("mrrd.toml:5: `{longer}` {remedy}"));
    check(&format!("{}{}", source("shop"), source("Shop")), &format!("mrrd.toml:8: `Shop` {remedy}"));
}

#[test]
fn following_and_deliveries_are_checked() {
    check("[hooks]\n", "mrrd.toml:5: [hooks] lacks a setting; write `listen = \"127.0.0.1:8787\"` in [hooks]");
    check(
        "[hooks]\nlisten = '8787'\n",
        "mrrd.toml:6: `listen` is no address with a port; write `listen = \"127.0.0.1:8787\"`, with a proxy that ends TLS in front of it",
    );
    check("[hooks]\nlisten = '127.0.0.1:1'\nport = 5\n", "mrrd.toml:7: unknown key `port` in [hooks]; write `listen`");
    let source = "[sources.a]\nconnector = 'stripe'\napi_key = 'k'\nschedule = '0 15 2 * * *'\n";
    check(
        &format!("{source}follow = 60\n"),
        "mrrd.toml:9: `follow` must be text such as \"0 * * * * *\" (second, minute, hour, day, month, weekday)",
    );
    let canary = complaint(&format!("{BOOK}{DATABASE}{source}webhook_secret = 'canary'\n"));
    assert!(canary.starts_with("mrrd.toml:9: ") && canary.contains("begins with whsec_"), "{canary}");
    assert!(!canary.contains("canary"), "{canary}");
    let follows = |settings: &str| {
        let text = format!("{BOOK}{DATABASE}{source}{settings}");
        Config::parse(Path::new("mrrd.toml"), &text).unwrap().sources[0].follow.is_some()
    };
    assert!(follows("") && follows("follow = '0 */5 * * * *'\n"));
    assert!(!follows("follow = false\n"));

    let unscheduled = "[sources.a]\nconnector = 'stripe'\napi_key = 'k'\n";
    check(
        &format!("{unscheduled}follow = '0 */5 * * * *'\n"),
        "mrrd.toml:8: `follow` needs a `schedule` beside it, as only a whole sync finds what the log of changes does not tell; write `schedule = \"0 15 2 * * *\"`",
    );
    let follows = |settings: &str| {
        let text = format!("{BOOK}{DATABASE}{unscheduled}{settings}");
        Config::parse(Path::new("mrrd.toml"), &text).unwrap().sources[0].follow.is_some()
    };
    assert!(!follows("") && !follows("follow = false\n"));
    assert!(follows("webhook_secret = 'whsec_x'\n"));
}

#[test]
fn a_source_that_is_pushed_to_needs_a_key_and_no_schedule() {
    let source = "[sources.a]\nconnector = 'push'\nkey = '0123456789abcdef'\n";
    let config = Config::parse(Path::new("mrrd.toml"), &format!("{BOOK}{DATABASE}{source}")).unwrap();
    assert!(config.sources[0].connector.push().is_some() && config.sources[0].follow.is_none());
    check(
        &format!("{source}schedule = '0 15 2 * * *'\n"),
        "mrrd.toml:8: `schedule` is of no use, as source `a` is pushed to and never asked; remove it",
    );
    check(
        &format!("{source}follow = false\n"),
        "mrrd.toml:8: `follow` is of no use, as source `a` is pushed to and never asked; remove it",
    );
    let canary = complaint(&format!("{BOOK}{DATABASE}[sources.a]\nconnector = 'push'\nkey = 'canary'\n"));
    assert!(canary.starts_with("mrrd.toml:7: ") && !canary.contains("canary"), "{canary}");
}

#[test]
fn a_missing_file_is_named() {
    let complaints = Config::load(Path::new("/nowhere/mrrd.toml")).unwrap_err();
    assert_eq!(complaints.to_string(), "/nowhere/mrrd.toml: it does not exist; name it with --config");
}

#[test]
fn a_source_that_is_not_there_is_answered_with_the_nearest() {
    let text = format!("{BOOK}{DATABASE}[sources.stripe]\nconnector = 'stripe'\napi_key = 'k'\n");
    let config = Config::parse(Path::new("mrrd.toml"), &text).unwrap();
    let complaint = config.chosen(Some("strip")).unwrap_err();
    assert_eq!(complaint.to_string(), "there is no source `strip`; write `stripe`");
    assert_eq!(config.chosen(None).unwrap().len(), 1);
}

#[test]
fn a_complaint_names_the_place_of_the_key() {
    let text = "[book]\r\ncurrency = 'EUR'\r\n  time_zone = 'Mars'\r\n[database]\r\nurl = 'postgresql:///x'\r\n[sources.s]\r\nconnector = 'stripe'\r\napi_key = 'sk_x'\r\nschedule = '0 0'\r\n";
    let complaints = Config::parse(Path::new("mrrd.toml"), text).unwrap_err().to_string();
    let places: Vec<&str> = complaints.lines().map(|line| line.split(": ").next().unwrap_or_default()).collect();
    assert_eq!(places, ["mrrd.toml:3:3", "mrrd.toml:9:1"], "{complaints}");
    let text = "[book]\ncurrency = 'E\u{fc}R' x\n";
    assert!(Config::parse(Path::new("m"), text).unwrap_err().to_string().starts_with("m:2:18: this is not TOML"));
}

#[test]
fn the_daemons_own_settings_and_addresses_are_checked_with_the_rest() {
    let source = |rest: &str| format!("[sources.a]\nconnector = 'stripe'\napi_key = 'sk_test_1'\n{rest}\n");
    check(&source("shedule = '0 0 2 * * *'"), "mrrd.toml:8: unknown setting `shedule`, did you mean `schedule`?");
    check(
        &source("base_url = 'http://api.example.com'"),
        "mrrd.toml:8: `base_url` is plain http to a public host and would show the key to the network; write https",
    );
    check(
        &source("base_url = 'https://joe:canary@api.example.com'"),
        "mrrd.toml:8: `base_url` holds a user or password; put secrets into the settings meant for them",
    );
    check(
        &source("requests_per_second = -1"),
        "mrrd.toml:8: the setting `requests_per_second` can't be used: write a whole number without quotes, such as 10",
    );
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let complaint = Config::load(Path::new("/dev/null")).unwrap_err().to_string();
    assert_eq!(complaint, "/dev/null: it is no file; name the configuration with --config");
}

#[test]
fn a_crosswalk_is_ordered_by_rules_that_there_are() {
    let rules = "`rules` must be some of [\"foreign_id\", \"domain\", \"email\"], the strongest first";
    for wrong in ["'domain'", "['domian']", "['decided']", "['domain', 'domain']", "[5]"] {
        check(&format!("[crosswalk]\nrules = {wrong}\n"), &format!("mrrd.toml:6: {rules}"));
    }
    check(
        "[crosswalk]\nfree_mail_domains = 'x.example'\n",
        "mrrd.toml:6: `free_mail_domains` must be a list of domains such as [\"example.com\"]",
    );
    check("[crosswalk]\nrule = []\n", "mrrd.toml:6: unknown key `rule` in [crosswalk]; write `rules`");
    let stripe = "[sources.a]\nconnector = 'stripe'\napi_key = 'sk_test_1'\n";
    check(
        &format!("{stripe}revenue = 'billed'\n"),
        "mrrd.toml:8: `revenue` must be \"counted\", or \"contracted\" for charges that are kept beside those of a billing system",
    );
    let text = format!(
        "{BOOK}{DATABASE}[crosswalk]\nrules = ['email']\nfree_mail_domains = ['Mail.example ']\n{stripe}revenue = 'contracted'\n"
    );
    let config = Config::parse(Path::new("mrrd.toml"), &text).unwrap();
    let crosswalk = &config.sources[0].crosswalk;
    assert_eq!(crosswalk.rules.iter().map(ToString::to_string).collect::<Vec<_>>(), ["email"]);
    assert_eq!(crosswalk.free_mail, ["mail.example"]);
    assert!(config.sources[0].contracted);
}
