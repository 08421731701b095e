//! Days, half-open ranges, the book's time zone, billing intervals and reporting grains.

mod day;
mod grain;
mod interval;
mod zone;

pub use day::{Day, DayRange};
pub use grain::{Grain, GrainError};
pub use interval::{Interval, IntervalError, IntervalUnit};
pub use zone::{Zone, ZoneError};
