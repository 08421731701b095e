//! Accounts with a label each, packed so that it can be looked up for every timeline of a book.
//!
//! A join finds the attribute of an account by a hash table that is larger than a processor's
//! caches; this takes a byte or two an account, in the order of their keys.

use std::collections::HashMap;

/// Labels as they are collected, in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    names: Vec<String>,
    by_name: HashMap<String, u32>,
    accounts: Vec<(i64, u32)>,
}

/// Packed labels that don't fit their own description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged;

/// Where codes stand one after another, from the first account's key on.
const DENSE: u8 = 1;
/// Where accounts lie too far apart for that: keys in order, and then their codes.
const SPARSE: u8 = 0;
/// Form, width of a code, first key, number of codes, length of the names.
const HEADER: usize = 1 + 1 + 8 + 8 + 8;

impl Labels {
    /// Adds an account. One that has several labels keeps the first of them by name.
    pub fn add(&mut self, account: i64, label: &str) {
        let same = self.accounts.last().is_some_and(|(_, code)| self.name(*code) == label);
        let code = match (same, self.accounts.last()) {
            (true, Some((_, code))) => *code,
            _ => self.code(label),
        };
        self.accounts.push((account, code));
    }

    fn name(&self, code: u32) -> &str {
        self.names.get(code as usize).map_or("", String::as_str)
    }

    fn code(&mut self, label: &str) -> u32 {
        if let Some(code) = self.by_name.get(label) {
            return *code;
        }
        let code = self.names.len() as u32;
        self.names.push(label.to_owned());
        self.by_name.insert(label.to_owned(), code);
        code
    }

    /// Takes what another worker has collected.
    pub fn merge(&mut self, other: &Self) {
        let codes: Vec<u32> = other.names.iter().map(|name| self.code(name)).collect();
        let translated = other.accounts.iter().filter_map(|(account, code)| {
            let code = codes.get(*code as usize)?;
            Some((*account, *code))
        });
        self.accounts.extend(translated);
    }

    /// The packed form; the same for the same accounts and labels, however they came.
    pub fn pack(&self) -> Vec<u8> {
        let mut order: Vec<u32> = (0..self.names.len() as u32).collect();
        order.sort_unstable_by_key(|code| self.name(*code));
        let mut place = vec![0_u32; order.len()];
        (1..).zip(&order).for_each(|(rank, code)| place[*code as usize] = rank);
        let keys = self.accounts.iter().map(|(account, _)| *account);
        let (first, last) = (keys.clone().min().unwrap_or(0), keys.max().unwrap_or(-1));
        let span = last.checked_sub(first).and_then(|span| usize::try_from(span.checked_add(1)?).ok());
        let width = match order.len() {
            0..=0xFF => 1,
            0x100..=0xFFFF => 2,
            _ => 4,
        };
        let names = packed_names(order.iter().map(|code| self.name(*code)));
        let header = |form: u8, count: usize| {
            let mut packed = Vec::with_capacity(HEADER + count * width + names.len());
            packed.extend([form, width as u8]);
            packed.extend(first.to_le_bytes());
            packed.extend((count as u64).to_le_bytes());
            packed.extend((names.len() as u64).to_le_bytes());
            packed.extend(&names);
            packed
        };
        let of = |code: u32| place.get(code as usize).copied().unwrap_or(0);
        match span.filter(|span| *span / 64 <= self.accounts.len()) {
            Some(span) => {
                let mut codes = vec![0_u32; span];
                for (account, code) in &self.accounts {
                    let slot = usize::try_from(account - first).ok().and_then(|slot| codes.get_mut(slot));
                    let code = of(*code);
                    slot.into_iter().for_each(|slot| *slot = if *slot == 0 { code } else { code.min(*slot) });
                }
                let mut packed = header(DENSE, span);
                codes.iter().for_each(|code| packed.extend(&code.to_le_bytes()[..width]));
                packed
            }
            None => {
                let mut accounts: Vec<(i64, u32)> =
                    self.accounts.iter().map(|(account, code)| (*account, of(*code))).collect();
                accounts.sort_unstable();
                accounts.dedup_by_key(|(account, _)| *account);
                let mut packed = header(SPARSE, accounts.len());
                accounts.iter().for_each(|(account, _)| packed.extend(account.to_le_bytes()));
                accounts.iter().for_each(|(_, code)| packed.extend(&code.to_le_bytes()[..width]));
                packed
            }
        }
    }

    /// Bytes for another process of the same build: what was collected, as it is.
    pub fn write(&self) -> Vec<u8> {
        let names = packed_names(self.names.iter().map(String::as_str));
        let mut bytes = (names.len() as u64).to_le_bytes().to_vec();
        bytes.extend(names);
        for (account, code) in &self.accounts {
            bytes.extend(account.to_le_bytes());
            bytes.extend(code.to_le_bytes());
        }
        bytes
    }

    /// The reverse of [`Labels::write`].
    pub fn read(bytes: &[u8]) -> Result<Self, Damaged> {
        let (length, rest) = bytes.split_first_chunk::<8>().ok_or(Damaged)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| Damaged)?;
        let (names, accounts) = rest.split_at_checked(length).ok_or(Damaged)?;
        let mut read = Self::default();
        let names = Names::read(names).ok_or(Damaged)?;
        for place in 0..names.ends.len() {
            read.code(names.get(place).ok_or(Damaged)?);
        }
        let (accounts, []) = accounts.as_chunks::<12>() else { return Err(Damaged) };
        for account in accounts {
            let (key, code) = account.split_first_chunk::<8>().ok_or(Damaged)?;
            let code = code.first_chunk::<4>().ok_or(Damaged)?;
            read.accounts.push((i64::from_le_bytes(*key), u32::from_le_bytes(*code)));
        }
        Ok(read)
    }
}

/// Names, after how many they are and where each ends.
fn packed_names<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<u8> {
    let mut packed = (names.clone().count() as u32).to_le_bytes().to_vec();
    let mut end = 0_u32;
    for name in names.clone() {
        end += name.len() as u32;
        packed.extend(end.to_le_bytes());
    }
    names.for_each(|name| packed.extend(name.as_bytes()));
    packed
}

/// Packed names, read in place.
#[derive(Debug, Clone, Copy)]
struct Names<'a> {
    ends: &'a [[u8; 4]],
    text: &'a [u8],
}

impl<'a> Names<'a> {
    #[inline]
    fn read(packed: &'a [u8]) -> Option<Self> {
        let (count, rest) = packed.split_first_chunk::<4>()?;
        let (ends, text) = rest.split_at_checked((u32::from_le_bytes(*count) as usize).checked_mul(4)?)?;
        Some(Self { ends: ends.as_chunks::<4>().0, text })
    }

    fn get(&self, place: usize) -> Option<&'a str> {
        let end = |place: usize| self.ends.get(place).map(|end| u32::from_le_bytes(*end) as usize);
        let start = if place == 0 { 0 } else { end(place - 1)? };
        std::str::from_utf8(self.text.get(start..end(place)?)?).ok()
    }
}

/// Packed labels, read in place.
#[derive(Debug, Clone, Copy)]
pub struct PackedLabels<'a> {
    dense: bool,
    width: usize,
    first: i64,
    count: usize,
    names: Names<'a>,
    body: &'a [u8],
}

impl<'a> PackedLabels<'a> {
    /// Takes the packed form apart, without reading what it holds.
    #[inline]
    pub fn read(packed: &'a [u8]) -> Result<Self, Damaged> {
        let (header, rest) = packed.split_first_chunk::<HEADER>().ok_or(Damaged)?;
        let number = |place: usize| {
            let bytes = header.get(place..place + 8).and_then(|bytes| bytes.first_chunk::<8>());
            bytes.map(|bytes| u64::from_le_bytes(*bytes)).ok_or(Damaged)
        };
        let (dense, width) = (header[0] == DENSE, usize::from(header[1]));
        let size = |place: usize| usize::try_from(number(place)?).map_err(|_| Damaged);
        let (count, names) = (size(10)?, size(18)?);
        let (names, body) = rest.split_at_checked(names).ok_or(Damaged)?;
        let names = Names::read(names).ok_or(Damaged)?;
        let each = if dense { width } else { width + 8 };
        if header[0] > DENSE || !matches!(width, 1 | 2 | 4) || count.checked_mul(each) != Some(body.len()) {
            return Err(Damaged);
        }
        Ok(Self { dense, width, first: number(2)? as i64, count, names, body })
    }

    /// The code of an account's label, from 1 in the order of their names; `None` without one.
    #[inline]
    pub fn code(&self, account: i64) -> Option<u32> {
        let (codes, place) = if self.dense {
            (self.body, usize::try_from(account.checked_sub(self.first)?).ok()?)
        } else {
            let (keys, codes) = self.body.split_at_checked(self.count * 8)?;
            let (keys, _) = keys.as_chunks::<8>();
            (codes, keys.binary_search_by_key(&account, |key| i64::from_le_bytes(*key)).ok()?)
        };
        let mut code = [0_u8; 4];
        let start = place.checked_mul(self.width)?;
        code[..self.width].copy_from_slice(codes.get(start..start.checked_add(self.width)?)?);
        Some(u32::from_le_bytes(code)).filter(|code| *code > 0)
    }

    /// How many labels there are: their codes go from 1 to this.
    pub fn count(&self) -> usize {
        self.names.ends.len()
    }

    /// The label with a code.
    pub fn name(&self, code: u32) -> Option<&'a str> {
        self.names.get(usize::try_from(code).ok()?.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(accounts: &[(i64, &str)]) -> Vec<u8> {
        let mut labels = Labels::default();
        accounts.iter().for_each(|(account, label)| labels.add(*account, label));
        labels.pack()
    }

    fn label(packed: &[u8], account: i64) -> Option<&str> {
        let labels = PackedLabels::read(packed).unwrap();
        labels.name(labels.code(account)?)
    }

    #[test]
    fn every_account_has_its_label_however_many_there_are() {
        for labels in [1_i64, 3, 255, 256, 70_000] {
            for apart in [1, 7, 1_000_003] {
                let names: Vec<String> = (0..labels).map(|label| format!("label {label}")).collect();
                let accounts: Vec<(i64, &str)> = (0..labels.max(500))
                    .map(|account| (account * apart - 900, names[(account * 31 % labels) as usize].as_str()))
                    .collect();
                let bytes = packed(&accounts);
                for (account, expected) in &accounts {
                    assert_eq!(label(&bytes, *account), Some(*expected), "{labels} labels, {apart} apart: {account}");
                    if apart > 1 {
                        assert_eq!(label(&bytes, account + 1), None);
                    }
                }
                for nobody in [i64::MIN, -901, accounts.len() as i64 * apart, i64::MAX] {
                    assert_eq!(label(&bytes, nobody), None);
                }
            }
        }
        assert_eq!(label(&packed(&[]), 0), None);
        assert_eq!(label(&packed(&[(i64::MIN, "a"), (i64::MAX, "b")]), i64::MAX), Some("b"));
    }

    #[test]
    fn neither_the_order_nor_the_worker_decides() {
        let all = [(5, "b"), (3, "a"), (5, "a"), (4, ""), (3, "c")];
        let whole = packed(&all);
        assert_eq!([3, 4, 5, 6].map(|account| label(&whole, account)), [Some("a"), Some(""), Some("a"), None]);
        let (mut one, mut other) = (Labels::default(), Labels::default());
        all[..2].iter().for_each(|(account, label)| other.add(*account, label));
        all[2..].iter().for_each(|(account, label)| one.add(*account, label));
        one.merge(&Labels::read(&other.write()).unwrap());
        assert_eq!(one.pack(), whole);
    }

    #[test]
    fn what_is_damaged_is_refused_or_says_nothing() {
        let whole = packed(&[(1, "a"), (2, "b"), (900_000, "c")]);
        for length in 0..whole.len() {
            assert!(PackedLabels::read(&whole[..length]).is_err(), "{length}");
        }
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 0xA5;
            if let Ok(labels) = PackedLabels::read(&bytes) {
                let _ = labels.code(2).and_then(|code| labels.name(code));
            }
        }
        assert!(Labels::read(&[1]).is_err());
    }
}
