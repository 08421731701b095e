//! Logging: lowercase prose with fields, as text or as JSON, on standard error.

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What is logged when nobody says otherwise. refinery and the HTTP stack have nothing to say
/// that is not said better here, and below `info` they would log what we must not.
const DEFAULT: &str = "info";

/// The pool reports lost connections that the engine reports with their consequence.
const LIBRARIES: &str = "warn,deadpool=off";

/// Starts logging. `filter` is as in RUST_LOG, restricted to our own crates: the libraries' own
/// debug output holds SQL parameters and HTTP headers.
pub fn start(format: Format, filter: Option<&str>) {
    let filter = match filter.unwrap_or(DEFAULT) {
        level if !level.contains(['=', ',']) => format!("{LIBRARIES},mrrd={level},mrr_connector_sdk={level}"),
        directives => directives
            .split(',')
            .filter(|directive| directive.trim_start().starts_with("mrr"))
            .fold(LIBRARIES.to_owned(), |kept, directive| format!("{kept},{directive}")),
    };
    let filter = EnvFilter::try_new(&filter).unwrap_or_else(|_| EnvFilter::new(format!("{LIBRARIES},mrrd=info")));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    match format {
        Format::Text => lines.with_ansi(false).init(),
        Format::Json => lines.json().flatten_event(true).init(),
    }
    // A panic's own words may hold what a record holds, so only its place is logged.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "unknown".to_owned(), ToString::to_string);
        tracing::error!(place, "a step panicked; report this to mrrd's maintainers");
    }));
}
