//! Records that no well-behaved vendor would send.

use std::time::Duration;

use super::case::{Case, elsewhere, quick, slow};
use super::dialect::{CUSTOMERS, Flaw, SUBSCRIPTIONS, Subscription};
use super::fake_vendor::BEGIN;
use super::fixture::{Context, Fixture, check, expect};
use super::gate::Deed;
use crate::{Finished, Outcome};

pub const CASES: &[Case] = &[
    quick("E1", "U+0000 in a value, a key and an id", zeroes),
    quick("E2", "a lone surrogate; a page that is not UTF-8", surrogates),
    quick("E3", "numbers beyond 2^53, 2^63 and 1e400, -0, 30 decimals", numbers),
    quick("E4", "numbers as text, text as numbers, true as text", types),
    quick("E5", "null or nothing where something must be", nulls),
    quick("E6", "a status that nobody knows", unknown_status),
    quick("E7", "no id, an empty one, one of 10,000 characters, ids that differ by case or a space", ids),
    quick("E8", "JSON 300 and 20,000 levels deep", deep),
    quick("E9", "a key twice in one object", duplicate_keys),
    elsewhere(
        "E12",
        "dates that are none",
        "connectors/stripe/tests/facts/problem.rs",
        "nothing_at_any_place_makes_it_panic",
        "junk at every place of every record, by the connector's own test",
    ),
    slow("E14", "a record of 70 MB, and one of a million elements", large),
];

/// A book with one more customer whose record is given.
fn with<'a>(context: &'a Context<'a>, records: &[(&str, &str)]) -> Outcome<Fixture<'a>> {
    let mut vendor = context.book(10);
    for (id, payload) in records {
        vendor.put(CUSTOMERS, id, BEGIN + 500, payload);
    }
    context.fixture(vendor)
}

/// It was complete, but for what it lists as problems.
fn listed(fixture: &Fixture<'_>, finished: &Finished, stream: &'static str, ids: &[&str]) -> Outcome<()> {
    expect("exit code", &finished.code.to_string(), "3")
        .map_err(|error| format!("{error}\n{:.2000}", finished.stderr))?;
    let found = "select string_agg(distinct stream || ' ' || left(record, 40), ', ' order by stream || ' ' || left(record, 40)) from ops.problem";
    let mut problems: Vec<String> =
        ids.iter().map(|id| format!("{} {}", fixture.own(stream), fixture.id(id))).collect();
    problems.sort();
    expect("problems", &fixture.row(found)?, &problems.join(", "))?;
    let status = fixture.run(&["status"])?;
    check(status.stderr.contains("PROBLEM"), || format!("mrrd status does not list them:\n{}", status.stderr))
}

fn payload(fixture: &Fixture<'_>, id: &str) -> Outcome<String> {
    let id = fixture.id(id);
    fixture.row(&format!("select payload from raw.record where id = '{id}' order by version desc limit 1"))
}

/// A record with one more field.
fn with_field(record: &str, field: &str) -> String {
    record.replacen('{', &format!("{{{field},"), 1)
}

/// A book with subscriptions that are not as they should be, each with its id.
fn flawed<'a>(context: &'a Context<'a>, flaws: &[(&str, Flaw)]) -> Outcome<Fixture<'a>> {
    let mut vendor = context.book(10);
    for (id, flaw) in flaws {
        vendor.subscribe(&Subscription { id, customer: "cus_00001", created: BEGIN, quantity: 1, flaw: Some(*flaw) });
    }
    context.fixture(vendor)
}

fn zeroes(context: &Context<'_>) -> Outcome<String> {
    let value = context.dialect.customer("cus_value", BEGIN, "A\\u0000da");
    let key = with_field(&context.dialect.customer("cus_key", BEGIN, "Ada"), "\"a\\u0000b\":1");
    let id = context.dialect.customer("cus_\\u0000", BEGIN, "Ada");
    let fixture = with(context, &[("cus_value", &value), ("cus_key", &key), ("cus_\\u0000", &id)])?;
    let finished = fixture.run(&["sync"])?;
    // As text they are kept as they came; only an id has to fit a column.
    expect("the value", &payload(&fixture, "cus_value")?, &value)?;
    expect("the key", &payload(&fixture, "cus_key")?, &key)?;
    listed(&fixture, &finished, CUSTOMERS, &["cus_\u{fffd}"])?;
    expect("neighbours", &fixture.row("select count(*) from raw.record where stream = :customers")?, "12")?;
    Ok("kept as they came; the record with such an id is listed".into())
}

fn surrogates(context: &Context<'_>) -> Outcome<String> {
    let lone = context.dialect.customer("cus_lone", BEGIN, "A\\ud800da");
    let fixture = with(context, &[("cus_lone", &lone)])?;
    fixture.run(&["sync"])?;
    expect("the record", &payload(&fixture, "cus_lone")?, &lone)?;
    expect("neighbours", &fixture.row("select count(*) from raw.record where stream = :customers")?, "11")?;
    let derived = fixture.row("select count(*) from revenue.account where id = :cus_lone")?;
    let problem = fixture.row("select count(*) from ops.problem where record = :cus_lone")?;
    check(derived == "1" || problem == "1", || "it is neither an account nor a problem".into())?;
    // Bytes that are no UTF-8 are no answer at all.
    let fixture = with(context, &[])?;
    fixture.gate.rule(|asked| {
        let mut body = b"{\"object\":\"list\",\"has_more\":false,\"data\":[{\"id\":\"cus_1\",\"name\":\"".to_vec();
        body.extend([0xc0, 0xaf, 0xff]);
        body.extend(b"\"}]}");
        if asked.lists(CUSTOMERS) { Deed::Say(200, String::new(), body) } else { Deed::Pass }
    });
    let finished = fixture.hasty(&["sync"])?;
    fixture.failed(&finished, &[&fixture.stream(CUSTOMERS), "not UTF-8 at byte"])?;
    fixture.gate.pass();
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    Ok("a lone surrogate is kept as it came; bytes that are no text are named with their place".into())
}

fn numbers(context: &Context<'_>) -> Outcome<String> {
    let digits =
        ["9007199254740993", "18446744073709551617", "1e400", "-0", "0.123456789012345678901234567891", "1.10"];
    let fields: Vec<String> =
        digits.iter().enumerate().map(|(place, number)| format!("\"n{place}\":{number}")).collect();
    let record = with_field(&context.dialect.customer("cus_numbers", BEGIN, "Ada"), &fields.join(","));
    let fixture = with(context, &[("cus_numbers", &record)])?;
    fixture.ok(&["sync"])?;
    expect("the record", &payload(&fixture, "cus_numbers")?, &record)?;
    fixture.holds()?;
    Ok("every digit is kept".into())
}

fn types(context: &Context<'_>) -> Outcome<String> {
    let fixture = flawed(context, &[("sub_text", Flaw::QuantityAsText), ("sub_flag", Flaw::FlagAsText)])?;
    let finished = fixture.run(&["sync"])?;
    check(matches!(finished.code, 0 | 3), || finished.stderr.clone())?;
    fixture.truth()?;
    super::invariants::tables(&fixture.database, fixture.dialect().name())?;
    // Whatever is not read as it is meant is said to be so.
    let text = fixture.row("select count(*) from revenue.segment where contract = :sub_text and net > 0")?;
    let said = fixture.row("select count(*) from ops.problem where record = :sub_text")?;
    check(text != "0" || said != "0", || format!("a quantity as text: {text} segments and {said} problems"))?;
    Ok(format!("raw keeps it; a quantity as text gives {text} segments and {said} problems"))
}

fn nulls(context: &Context<'_>) -> Outcome<String> {
    let flaws = [
        ("sub_nobody", Flaw::NoCustomer),
        ("sub_no_amount", Flaw::NoAmount),
        ("sub_no_interval", Flaw::NoInterval),
        ("sub_no_currency", Flaw::NoCurrency),
    ];
    let fixture = flawed(context, &flaws)?;
    let finished = fixture.run(&["sync"])?;
    listed(&fixture, &finished, SUBSCRIPTIONS, &flaws.map(|(id, _)| id))?;
    let kept = fixture.row("select count(*) from raw.record where stream = :subscriptions")?;
    expect("kept all the same", &kept, "14")?;
    // I11: ten customers with 100 EUR a month each, and nothing of the broken ones.
    let total = fixture.row("select trim_scale(mrr_at((select last_day from revenue.book)))")?;
    expect("I11: MRR", &total, "1000")?;
    Ok("each is kept, listed with its field, and in no number".into())
}

fn unknown_status(context: &Context<'_>) -> Outcome<String> {
    let fixture = flawed(context, &[("sub_new", Flaw::UnknownStatus)])?;
    let finished = fixture.run(&["sync"])?;
    listed(&fixture, &finished, SUBSCRIPTIONS, &["sub_new"])?;
    let said = fixture.row("select message from ops.problem")?;
    check(fixture.dialect().unknown_status().iter().all(|words| said.contains(words)), || said.clone())?;
    Ok("listed, with what it is taken for".into())
}

fn ids(context: &Context<'_>) -> Outcome<String> {
    // An index holds a tenth of it, and compresses what repeats itself.
    let mut random = 1_u64;
    let letters = std::iter::repeat_with(|| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + u8::try_from((random >> 33) % 26).unwrap_or_default())
    });
    let long = format!("cus_long{}", letters.take(10_000).collect::<String>());
    let mut vendor = context.book(10);
    let known = format!("\"id\":\"{}\",", context.dialect.id("cus_0"));
    let none = context.dialect.customer("cus_0", BEGIN, "Ada").replace(&known, "");
    vendor.put_twice(CUSTOMERS, "no id", BEGIN, &none);
    vendor.put_twice(CUSTOMERS, "empty", BEGIN, &context.dialect.customer("", BEGIN, "Ada"));
    vendor.put(CUSTOMERS, &long, BEGIN, &context.dialect.customer(&long, BEGIN, "Ada"));
    for id in ["cus_Case", "cus_case", "cus_case "] {
        vendor.put(CUSTOMERS, id, BEGIN, &context.dialect.customer(id, BEGIN, "Ada"));
    }
    let fixture = context.fixture(vendor)?;
    let finished = fixture.run(&["sync"])?;
    expect("exit code", &finished.code.to_string(), "3")?;
    expect("records", &fixture.row("select count(*) from raw.record where stream = :customers")?, "13")?;
    expect("problems", &fixture.row("select count(*) from ops.problem")?, "3")?;
    let named = fixture.row("select message from ops.problem where record like 'cus_long%'")?;
    check(named.contains("too long for an index"), || named.clone())?;
    Ok("three listed, three that are alike kept apart".into())
}

fn deep(context: &Context<'_>) -> Outcome<String> {
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        let record = context.dialect.customer(&format!("cus_{levels}"), BEGIN, "Ada");
        with_field(&record, &format!("\"deep\":{open}{close}"))
    };
    let fixture = with(context, &[("cus_300", &nested(300)), ("cus_20000", &nested(20_000))])?;
    let finished = fixture.run(&["sync"])?;
    check(matches!(finished.code, 1 | 3), || format!("{}: {}", finished.code, finished.stderr))?;
    check(finished.code == 3, || format!("I1: one record cost its neighbours: {}", finished.stderr))?;
    let kept = fixture.row("select count(*) from raw.record where stream = :customers")?;
    let listed = fixture.row("select string_agg(record, ' ' order by record) from ops.problem")?;
    check(kept.parse::<usize>().unwrap_or_default() >= 10, || format!("only {kept} customers"))?;
    Ok(format!("{kept} customers kept, listed: {listed}"))
}

fn duplicate_keys(context: &Context<'_>) -> Outcome<String> {
    let path = context.dialect.name_path();
    let key = path.trim_matches(['{', '}']).rsplit(',').next().unwrap_or_default();
    let record = context.dialect.customer("cus_twice", BEGIN, "Ada");
    let record = record.replace(&format!("\"{key}\":\"Ada\""), &format!("\"{key}\":\"Ada\",\"{key}\":\"Grace\""));
    let fixture = with(context, &[("cus_twice", &record)])?;
    fixture.ok(&["sync"])?;
    expect("the record", &payload(&fixture, "cus_twice")?, &record)?;
    expect("its name", &fixture.row("select name from revenue.account where id = :cus_twice")?, "Grace")?;
    Ok("kept as it came; the last counts".into())
}

fn large(context: &Context<'_>) -> Outcome<String> {
    let long = context.dialect.customer("cus_70mb", BEGIN, &"x".repeat(70 << 20));
    let elements = format!("[{}0]", "0,".repeat(1_000_000));
    let many = with_field(&context.dialect.customer("cus_million", BEGIN, "Ada"), &format!("\"many\":{elements}"));
    let mut vendor = context.book(10);
    vendor.put(CUSTOMERS, "cus_70mb", BEGIN, &long);
    vendor.put(CUSTOMERS, "cus_million", BEGIN, &many);
    let fixture = context.fixture(vendor)?;
    let mut sync = fixture.start(&["sync"])?;
    let finished = sync.finish(&fixture, Duration::from_secs(120))?;
    listed(&fixture, &finished, CUSTOMERS, &["cus_70mb"])?;
    let said = fixture.row("select message from ops.problem")?;
    check(said.contains("larger than") && said.contains("kept out"), || said.clone())?;
    expect(CUSTOMERS, &fixture.row("select count(*) from raw.record where stream = :customers")?, "11")?;
    let peak = sync.peak();
    check(peak < 700, || format!("I9: it held {peak} MiB"))?;
    // A single body beyond 256 MiB is refused while it is read.
    Ok(format!("the large one listed with its size, at most {peak} MiB held"))
}
