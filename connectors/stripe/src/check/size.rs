//! How long a list is, estimated: Stripe tells no total, so a few pages are read at times that are
//! chosen where most records are still unknown, and what lies between them is taken from how
//! close together their records are.

use mrr_connector_sdk::{Http, SourceError, json};

use crate::fetch::{MOST, read};
use crate::streams::Listing;

/// Pages that are read at most, after the first.
const PROBES: usize = 7;

/// Records of one full page.
const PAGE: i64 = 100;

/// 2011-01-01: before Stripe had customers.
const BEGINNING: i64 = 1_293_840_000;

/// How long a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) records: i64,
    /// Counted, not estimated.
    pub(super) exact: bool,
}

/// Estimates the length of a list of which `first` are the times of the first page's records.
pub(super) async fn size(http: &Http, listing: &Listing, first: &[i64], more: bool) -> Result<Size, SourceError> {
    let mut samples = Samples::new(first, more);
    for _ in 0..PROBES {
        let Some(time) = samples.where_next() else { break };
        let text = time.to_string();
        let mut query = vec![("limit", MOST), ("created[lte]", text.as_str())];
        query.extend_from_slice(listing.filters);
        let list = read(http, listing.path, &query, None).await?;
        samples.add(time, &times(list.records()), list.last.is_some());
    }
    Ok(samples.size())
}

/// When records were made. Invoice items call it `date`.
pub(super) fn times<'a>(records: impl Iterator<Item = &'a str>) -> Vec<i64> {
    let time = |text| {
        let record = json::Object::of(text).ok()?;
        record.get("created").or_else(|| record.get("date"))?.integer().ok()
    };
    records.filter_map(time).collect()
}

/// The records that are known, newest first.
struct Samples {
    pages: Vec<Sample>,
    /// Nothing is older.
    beginning: i64,
}

/// All records between two times.
struct Sample {
    newest: i64,
    oldest: i64,
    count: i64,
    /// Whether there are records before it.
    more: bool,
}

impl Samples {
    fn new(first: &[i64], more: bool) -> Self {
        let newest = first.first().copied().unwrap_or(BEGINNING);
        let sample =
            Sample { newest, oldest: first.last().copied().unwrap_or(newest), count: first.len() as i64, more };
        Self { pages: vec![sample], beginning: BEGINNING }
    }

    /// Takes the page of what is at `time` or before it.
    fn add(&mut self, time: i64, page: &[i64], more: bool) {
        let place = self.pages.partition_point(|known| known.newest > time);
        let Some(oldest) = page.last().copied() else {
            self.beginning = self.beginning.max(time + 1);
            return;
        };
        // What the next older page has is counted there.
        let next = self.pages.get(place).map(|older| older.newest);
        let count = page.iter().filter(|made| next.is_none_or(|next| **made > next)).count() as i64;
        self.pages.insert(place, Sample { newest: time, oldest, count, more });
    }

    /// The middle of the gap with most records in it, unless they are no more than a page.
    fn where_next(&self) -> Option<i64> {
        let (records, middle) = (0..self.pages.len()).map(|place| self.behind(place)).max()?;
        (records > PAGE).then_some(middle)
    }

    /// How many records are probably between a page and the next older one, and the middle.
    fn behind(&self, place: usize) -> (i64, i64) {
        let (page, older) = (&self.pages[place], self.pages.get(place + 1));
        if !page.more {
            return (0, page.oldest);
        }
        let until = older.map_or(self.beginning, |older| older.newest);
        let gap = i128::from((page.oldest - until).max(0));
        // As close together as on the pages at both ends, in the geometric mean, so that one burst
        // does not stand for years; before the oldest page, half as close.
        let within = |page: &Sample| gap * i128::from(page.count) / i128::from((page.newest - page.oldest).max(1));
        let records = older.map_or(within(page) / 2, |older| (within(page) * within(older)).isqrt());
        (i64::try_from(records).unwrap_or(i64::MAX), until + (page.oldest - until) / 2)
    }

    fn size(&self) -> Size {
        let known: i64 = self.pages.iter().map(|page| page.count).sum();
        let between: i64 = (0..self.pages.len()).map(|place| self.behind(place).0).fold(0, i64::saturating_add);
        let exact = self.pages.first().is_none_or(|page| !page.more);
        Size { records: known.saturating_add(between), exact }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Estimates a list of these times, newest first, and says by how many pages.
    fn estimate(all: &[i64]) -> (i64, bool, usize) {
        let page = |until: i64| {
            let from = all.partition_point(|made| *made > until);
            let to = all.len().min(from + 100);
            (&all[from..to], to < all.len())
        };
        let (first, more) = page(i64::MAX);
        let mut samples = Samples::new(first, more);
        let mut pages = 1;
        for _ in 0..PROBES {
            let Some(time) = samples.where_next() else { break };
            pages += 1;
            let (times, more) = page(time);
            samples.add(time, times, more);
        }
        let Size { records, exact } = samples.size();
        (records, exact, pages)
    }

    #[test]
    fn a_length_is_estimated_from_a_few_pages() {
        let now = 1_795_255_200;
        let day = 86_400;
        let evenly = |count: i64, days: i64| (0..count).map(|n| now - n * days * day / count).collect::<Vec<_>>();
        assert_eq!(estimate(&[]), (0, true, 1));
        assert_eq!(estimate(&evenly(100, 900)), (100, true, 1));
        for (count, days) in [(250, 400), (5_000, 700), (200_000, 3_000)] {
            let (records, exact, pages) = estimate(&evenly(count, days));
            assert!(!exact && pages <= 8, "{count}: {pages} pages");
            assert!((count * 7 / 10..=count * 13 / 10).contains(&records), "{count}: {records}");
        }
        // A business that grew from nothing to 432 records a day.
        let growing: Vec<i64> =
            (0..200_000_i64).map(|n| now - 400 * (200_000 - ((200_000 - n) * 200_000).isqrt())).collect();
        let (records, ..) = estimate(&growing);
        assert!((140_000..=260_000).contains(&records), "{records}");
        // All at one time, as after an import.
        assert_eq!(estimate(&vec![now; 100]), (100, true, 1));
        assert!(!estimate(&vec![now; 5_000]).1);
    }
}
