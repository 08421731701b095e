//! What people see: logs, status, and the other sources.

use std::time::Duration;

use super::case::{Case, nowhere, quick};
use super::dialect::CUSTOMERS;
use super::fixture::{Context, check, expect};
use super::gate::Deed;
use super::invariants::CANARIES;
use super::leaks;
use crate::Outcome;

pub const CASES: &[Case] = &[
    quick("N1", "the vendor's error repeats the key in headers and body", echoed),
    quick("N2", "a connector's step panics, with a record in its words", panicked),
    quick("N3", "everything is logged, at trace", traced),
    quick("N4", "PostgreSQL's error quotes the row", quoted),
    nowhere("N5", "what a child process prints", "mrrd starts no other programs"),
    quick("R3", "a run fails, and earlier ones went well", last_success),
    quick("R4", "one source is broken and 20 are healthy", one_broken),
];

fn echoed(context: &Context<'_>) -> Outcome<String> {
    let key = CANARIES[0];
    for status in [400, 401, 403, 500] {
        let fixture = context.fixture(context.book(5))?;
        // As it is, as a header and as parameters of a URL have it.
        let spelt = format!("{key} (Bearer {key}, https://x.example/v1?api_key={key}&key=sk%5Ftest%5Fsandbox)");
        let body = format!(
            "{{\"error\":{{\"message\":\"Invalid API Key: {spelt}\",\"code\":\"{key}\",\"param\":\"{key}\"}}}}"
        );
        let headers = format!("Request-Id: {key}\r\nX-Echo: Bearer {key}\r\nWww-Authenticate: {key}\r\n");
        fixture.gate.rule(move |asked| {
            if asked.lists(CUSTOMERS) {
                Deed::Say(status, headers.clone(), body.clone().into_bytes())
            } else {
                Deed::Pass
            }
        });
        let finished = fixture.run_with(&["--log", "trace", "sync"], &[("MRRD_HASTE", "20")])?;
        fixture
            .failed(&finished, &[&fixture.stream(CUSTOMERS), "***"])
            .map_err(|error| format!("{status}: {error}"))?;
        fixture.hasty(&["check"])?;
        check(!fixture.printed().contains("sk%5Ftest"), || "I8: the key is there as a URL spells it".into())?;
        super::invariants::canaries(&fixture.database, &fixture.printed())?;
    }
    Ok("masked everywhere".into())
}

fn panicked(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(5))?;
    let finished = fixture.run_with(&["--log", "trace", "sync"], &[("MRRD_FAILPOINT", "page_fetched@3=panic")])?;
    fixture.failed(&finished, &[&format!("connector `{}` panicked", fixture.dialect().name()), "report this"])?;
    check(finished.stderr.contains("a step panicked"), || finished.stderr.clone())?;
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    Ok("its place is named, and not its words".into())
}

fn traced(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(20).in_pages_of(10))?;
    leaks::log_statements(context.cluster, &fixture.database)?;
    fixture.gate.rule(|_| Deed::Late(Duration::from_millis(30)));
    for level in ["trace", "debug", "mrrd=trace,tokio_postgres=trace,hyper=trace,reqwest=trace"] {
        let mut sync = fixture.start(&["--log", level, "sync"])?;
        std::thread::sleep(Duration::from_millis(250));
        let process = |what: &str| std::fs::read_to_string(format!("/proc/{}/{what}", sync.pid())).unwrap_or_default();
        let seen = format!("{}{}", process("cmdline"), process("environ")).replace('\0', " ");
        for canary in CANARIES {
            check(!seen.contains(canary), || format!("I8: the process shows `{canary}`"))?;
        }
        expect("exit code", &sync.finish(&fixture, Duration::from_secs(60))?.code.to_string(), "0")?;
    }
    fixture.ok(&["status"])?;
    fixture.holds()?;
    let lines = fixture.printed().lines().count();
    let statements = leaks::statements(context.cluster, &fixture.database)?;
    check(statements > 50, || format!("only {statements} statements were logged"))?;
    Ok(format!("{lines} lines and {statements} statements, without key, secret or personal data"))
}

fn quoted(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(5))?;
    leaks::log_statements(context.cluster, &fixture.database)?;
    fixture.row("alter table raw.record add constraint no check (payload::text not like '%sound.example%')")?;
    let finished = fixture.run_with(&["--log", "trace", "sync"], &[("MRRD_HASTE", "20")])?;
    fixture.failed(&finished, &["a constraint or trigger `no` on raw.record", "remove what was added"])?;
    fixture.row("alter table raw.record drop constraint no")?;
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    leaks::statements(context.cluster, &fixture.database)?;
    Ok("the constraint is named, the row is not".into())
}

fn last_success(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(5))?;
    fixture.ok(&["sync"])?;
    fixture.gate.rule(
        |asked| {
            if asked.lists(CUSTOMERS) { Deed::Say(403, String::new(), b"{}".to_vec()) } else { Deed::Pass }
        },
    );
    let finished = fixture.run(&["sync"])?;
    fixture.failed(&finished, &[&fixture.stream(CUSTOMERS), "may not read"])?;
    // That following goes well makes it no better.
    fixture.records().tell("evt_1", "customer.updated", CUSTOMERS, "cus_00001");
    fixture.ok(&["follow"])?;
    let status = fixture.run(&["status"])?;
    check(status.code == 1 && status.stderr.contains("the newest whole sync failed"), || status.stderr.clone())?;
    let runs = fixture.row("select string_agg(kind || ' ' || status, ', ' order by run_id) from ops.run")?;
    expect("runs", &runs, "sync ok, sync failed, follow ok")?;
    fixture.gate.pass();
    fixture.ok(&["sync"])?;
    fixture.ok(&["status"])?;
    fixture.holds()?;
    Ok("status says so until a whole sync goes well".into())
}

fn one_broken(context: &Context<'_>) -> Outcome<String> {
    let broken = context.fixture(context.book(5))?;
    let healthy: Vec<_> = (0..20).map(|_| context.fixture(context.book(3))).collect::<Outcome<_>>()?;
    broken.gate.rule(|_| Deed::Stall(0));
    let source = |name: &str, address: &str| {
        format!(
            "\n[sources.{name}]\nconnector = \"{}\"\n{}base_url = \"{address}\"\nschedule = \"* * * * * *\"\nfollow = false\n",
            context.dialect.name(),
            context.dialect.settings()
        )
    };
    let mut more = String::new();
    for (number, fixture) in healthy.iter().enumerate() {
        more.push_str(&source(&format!("healthy{number}"), &fixture.gate.address()));
    }
    broken.configure(&more)?;
    let mut running = broken.start(&["run"])?;
    let went = "select count(*) from (select source from ops.run where status = 'ok' group by source having count(*) >= 2) as often";
    let took = broken.until(went, "20", Duration::from_secs(60))?;
    expect(
        "runs of the broken one that went well",
        &broken.row("select count(*) from ops.run where source = :source and status = 'ok'")?,
        "0",
    )?;
    let sessions: usize = broken
        .row("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'mrrd'")?
        .parse()
        .unwrap_or_default();
    check(sessions <= 60, || format!("I9: {sessions} sessions"))?;
    running.signal("TERM")?;
    running.finish(&broken, Duration::from_secs(30))?;
    Ok(format!("each of the 20 synced twice within {:.1} s beside it", took.as_secs_f64()))
}
