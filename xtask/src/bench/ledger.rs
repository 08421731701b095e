//! What was measured, and its medians.

/// Measurements by name, in the order in which they were first made.
#[derive(Default)]
pub struct Ledger {
    lines: Vec<Line>,
}

struct Line {
    name: &'static str,
    rates: Vec<f64>,
    seconds: Vec<f64>,
    megabytes: Vec<f64>,
}

impl Ledger {
    /// Adds one measurement: records, and the seconds they took.
    pub fn add(&mut self, name: &'static str, (records, seconds): (f64, f64)) {
        let line = self.line(name);
        line.rates.push(records / seconds);
        line.seconds.push(seconds);
    }

    /// The same, with the most memory that was resident, in MB.
    pub fn add_with_memory(&mut self, name: &'static str, measured: (f64, f64), megabytes: f64) {
        self.add(name, measured);
        self.line(name).megabytes.push(megabytes);
    }

    fn line(&mut self, name: &'static str) -> &mut Line {
        let place = self.lines.iter().position(|line| line.name == name).unwrap_or(self.lines.len());
        if place == self.lines.len() {
            self.lines.push(Line { name, rates: Vec::new(), seconds: Vec::new(), megabytes: Vec::new() });
        }
        &mut self.lines[place]
    }

    /// Prints medians, every measurement beside them.
    pub fn print(&self) {
        println!("{:<36} {:>10} {:>9} {:>7}  records/s of each round", "", "records/s", "seconds", "MB");
        for line in &self.lines {
            let rates: Vec<String> = line.rates.iter().map(|rate| format!("{rate:.0}")).collect();
            let megabytes = line.megabytes.iter().copied().fold(f64::NAN, f64::max);
            let megabytes = if megabytes.is_nan() { String::new() } else { format!("{megabytes:.1}") };
            println!(
                "{:<36} {:>10.0} {:>9.2} {megabytes:>7}  {}",
                line.name,
                median(&line.rates),
                median(&line.seconds),
                rates.join(" ")
            );
        }
    }
}

fn median(of: &[f64]) -> f64 {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
