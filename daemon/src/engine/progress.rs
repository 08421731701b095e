//! How a sync is doing, for whoever looks at the terminal.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mrr_connector_sdk::Page;

/// Where there is no terminal, a line is logged this often.
const LOGGED: Duration = Duration::from_secs(10);

/// The progress of one stream.
pub struct StreamProgress {
    bar: ProgressBar,
    source: String,
    stream: &'static str,
    state: std::cell::Cell<State>,
}

#[derive(Clone, Copy)]
struct State {
    begun: Instant,
    logged: Instant,
    records: u64,
    /// Parts that there were, and those that are still open.
    parts: usize,
    open: usize,
}

impl StreamProgress {
    /// Shows itself on standard error if that is a terminal.
    pub fn of(source: &str, stream: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(4));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        let now = Instant::now();
        let state = State { begun: now, logged: now, records: 0, parts: 1, open: 1 };
        Self { bar, source: source.to_owned(), stream, state: state.into() }
    }

    /// A page was read, behind which so many parts are open.
    pub fn page(&self, page: &Page, open: usize) {
        let mut state = self.state.get();
        state.records += page.records.len() as u64;
        state.parts += open.saturating_sub(state.open);
        state.open = open;
        if self.bar.is_hidden() {
            if state.logged.elapsed() >= LOGGED {
                state.logged = Instant::now();
                let (records, rate) = (state.records, state.rate());
                let remaining = state.remaining();
                tracing::info!(
                    source = self.source,
                    stream = self.stream,
                    record_count = records,
                    records_per_second = rate,
                    remaining,
                    "reading"
                );
            }
        } else {
            self.bar.set_message(format!("{}: {}", self.source, state.sentence(self.stream)));
            self.bar.tick();
        }
        self.state.set(state);
    }

    /// Nothing came for a while.
    pub fn waits(&self, what: Option<String>) {
        let why = what.map_or_else(String::new, |what| format!(" ({what})"));
        self.bar.set_message(format!("{}: {}{why}", self.source, self.state.get().sentence(self.stream)));
        self.bar.tick();
    }
}

impl Drop for StreamProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl State {
    fn rate(self) -> u64 {
        self.records * 1_000 / u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }

    /// As many records as the parts that were read to their end had, for each that is open. A
    /// guess: the older parts are usually the smaller ones.
    fn remaining(self) -> String {
        let done = self.parts.saturating_sub(self.open) as u64;
        match (done, self.rate()) {
            (0, _) | (_, 0) => "not known yet".to_owned(),
            (done, rate) => {
                let records = self.records / done * self.open as u64;
                format!("about {records} records, {} s", records.div_ceil(rate))
            }
        }
    }

    fn sentence(self, stream: &str) -> String {
        let remaining = self.remaining();
        format!("{stream}: {} records, {} a second, remaining: {remaining}", self.records, self.rate())
    }
}
