//! What state a source is in, and what to do about it. Pure: what is known and the time in, a sentence out.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::schedule::Schedule;

/// A run under way that has committed nothing for so long hangs: a request to a vendor is given up
/// after ten minutes.
const STALLED: TimeDelta = TimeDelta::minutes(15);

/// A sync may begin a little after its date.
const GRACE: TimeDelta = TimeDelta::minutes(10);

/// What the database and the configuration know of a source.
#[derive(Debug, Clone, Default)]
pub struct Situation {
    /// How the newest whole sync, the newest time that it was followed and the newest time that
    /// what was pushed was derived ended, as in ops.run.
    pub ended: [Option<String>; 3],
    /// The newest run, if it did not end.
    pub running: Option<Running>,
    /// When a whole sync last went well; of a source that is pushed to, when deriving did.
    pub success: Option<DateTime<Utc>>,
    /// Up to when all is known that happened at the source: when the newest list that came to its
    /// end was begun, or when the log of changes was last read to its end.
    pub known_until: Option<DateTime<Utc>>,
    /// Records that can't be read.
    pub problems: i64,
}

/// A run that did not end.
#[derive(Debug, Clone)]
pub struct Running {
    /// `sync`, `follow`, `push`, `rebuild` or `forget`.
    pub kind: String,
    /// When it last committed anything, or began.
    pub progressed_at: DateTime<Utc>,
    /// Whether its process holds the lease.
    pub lives: bool,
}

/// In which state a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The newest runs went well.
    Ok,
    /// The newest runs came to their end, and some records can't be read.
    Problems,
    /// A run is under way.
    Running,
    /// There was no whole sync yet.
    Never,
    /// A run is under way and does not get on.
    Stalled,
    /// The process of a run is gone.
    Interrupted,
    /// The newest run did not go well.
    Failing,
    /// Its date has passed, and the one behind it.
    Late,
}

impl State {
    /// As it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Problems => "problems",
            Self::Running => "running",
            Self::Never => "never synced",
            Self::Stalled => "stalled",
            Self::Interrupted => "interrupted",
            Self::Failing => "failing",
            Self::Late => "late",
        }
    }
}

/// The state of a source at an instant, and, where something has to be done, what. The newest whole
/// sync decides, also when following went well since: it alone finds what the log of changes does
/// not tell.
pub fn judge(
    name: &str,
    of: &Situation,
    schedule: Option<&Schedule>,
    now: DateTime<Utc>,
    zone: Tz,
) -> (State, Option<String>) {
    let again = format!("run `mrrd sync {name}`");
    let fault = |state, sentence: String| (state, Some(format!("{name}: {sentence}")));
    if let Some(Running { kind, progressed_at, lives: true }) = &of.running
        && now - progressed_at > STALLED
    {
        let minutes = (now - progressed_at).num_minutes();
        let sentence = format!(
            "the {kind} under way has got nowhere for {minutes} minutes; look at its log, and end its process if that hangs: the next run goes on from there"
        );
        return fault(State::Stalled, sentence);
    }
    match [0, 1, 2].map(|kind: usize| of.ended[kind].as_deref()) {
        [Some("failed"), ..] => {
            let sentence = format!("the newest whole sync failed; remedy what ERROR says, then {again}");
            return fault(State::Failing, sentence);
        }
        [Some("interrupted"), ..] => {
            return fault(State::Interrupted, format!("the newest whole sync did not come to its end; {again}"));
        }
        [_, Some("failed"), _] => {
            return fault(State::Failing, "following failed the last time; remedy what ERROR says".to_owned());
        }
        [.., Some("failed")] => {
            let sentence = "what was pushed could not be derived the last time; remedy what ERROR says";
            return fault(State::Failing, sentence.to_owned());
        }
        _ => {}
    }
    if let Some(Running { kind, lives: false, .. }) = &of.running {
        return fault(State::Interrupted, format!("the process of the newest {kind} is gone; {again}"));
    }
    if let Some(missed) = of.success.and_then(|success| missed(schedule?, success, now, zone)) {
        let missed = missed.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z");
        let sentence =
            format!("no sync went well since before {missed}, when one was due; see whether `mrrd run` runs");
        return fault(State::Late, sentence);
    }
    let state = match of {
        Situation { running: Some(_), .. } => State::Running,
        Situation { success: None, .. } => State::Never,
        Situation { problems: 1.., .. } => State::Problems,
        _ => State::Ok,
    };
    (state, None)
}

/// The date that was missed, once the one behind it has passed as well.
fn missed(schedule: &Schedule, success: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    let first = schedule.next(success, zone)?;
    let second = schedule.next(first, zone)?;
    (now > second + GRACE).then_some(first)
}

/// How long something takes or took, in its largest unit: `3 min`.
pub fn span(time: TimeDelta) -> String {
    match time.num_seconds().max(0) {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-03-{text}:00Z").parse().unwrap()
    }

    fn check(of: &Situation, expect: State, words: &str) {
        let nightly: Schedule = "0 15 2 * * *".parse().unwrap();
        let (state, fault) = judge("shop", of, Some(&nightly), at("10T12:00"), Tz::UTC);
        assert_eq!(state, expect, "{of:?}");
        assert_eq!(fault.is_some(), !words.is_empty(), "{fault:?}");
        assert!(fault.unwrap_or_default().contains(words), "{of:?}");
    }

    fn went(status: &str) -> [Option<String>; 3] {
        [Some(status.to_owned()), None, None]
    }

    fn under_way(since: &str, lives: bool) -> Option<Running> {
        Some(Running { kind: "sync".into(), progressed_at: at(since), lives })
    }

    #[test]
    fn each_state_has_its_remedy() {
        let well = Situation { ended: went("ok"), success: Some(at("10T02:20")), ..Situation::default() };
        check(&well, State::Ok, "");
        check(&Situation { ended: went("problems"), problems: 3, ..well.clone() }, State::Problems, "");
        check(&Situation::default(), State::Never, "");
        check(&Situation { running: under_way("10T11:50", true), ..well.clone() }, State::Running, "");
        let stalled = Situation { running: under_way("10T11:40", true), ..well.clone() };
        check(&stalled, State::Stalled, "shop: the sync under way has got nowhere for 20 minutes; look at its log");
        let gone = Situation { running: under_way("10T11:59", false), ..well.clone() };
        check(&gone, State::Interrupted, "the process of the newest sync is gone; run `mrrd sync shop`");
        check(&Situation { ended: went("failed"), ..well.clone() }, State::Failing, "then run `mrrd sync shop`");
        // A new attempt is no success yet.
        let again = Situation { ended: went("failed"), running: under_way("10T11:59", true), ..well.clone() };
        check(&again, State::Failing, "the newest whole sync failed");
        check(&Situation { ended: went("interrupted"), ..well }, State::Interrupted, "did not come to its end");
    }

    #[test]
    fn one_date_may_be_late_and_two_are_not() {
        let since = |success: &str| Situation { ended: went("ok"), success: Some(at(success)), ..Situation::default() };
        check(&since("09T02:20"), State::Ok, "");
        check(&since("09T02:10"), State::Late, "no sync went well since before 2026-03-09 02:15 UTC, when one was due");
        check(&since("01T02:20"), State::Late, "2026-03-02 02:15 UTC");
    }

    #[test]
    fn spans_are_in_their_largest_unit() {
        let shown = |seconds| span(TimeDelta::seconds(seconds));
        assert_eq!(
            [-5, 59, 60, 7_199, 7_200, 172_799, 172_800].map(shown),
            ["0 s", "59 s", "1 min", "119 min", "2 h", "47 h", "2 days"]
        );
    }
}
