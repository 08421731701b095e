//! Objects of one kind, newest first, found by id, by place and by what they are filtered for.

use std::collections::HashMap;

/// One object's place on a shelf.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// Its identifier.
    pub id: String,
    /// When it was created, in seconds.
    pub created: i64,
    /// Where it is in the world.
    pub object: T,
}

/// A filter that an object answers to, such as `("customer", "cus_…")`.
pub type Tag = (&'static str, String);

/// All objects of one kind.
#[derive(Clone, Debug)]
pub struct Shelf<T> {
    entries: Vec<Entry<T>>,
    places: HashMap<String, u32>,
    /// The places of the objects with a tag, ascending, which is newest first.
    tagged: HashMap<Tag, Vec<u32>>,
}

impl<T: Copy> Shelf<T> {
    /// Puts objects on a shelf. They come in their natural order; of two that were created in the same second the
    /// later one counts as newer.
    pub fn new(mut objects: Vec<(Entry<T>, Vec<Tag>)>) -> Self {
        objects.sort_by_key(|(entry, _)| entry.created);
        objects.reverse();
        let mut shelf =
            Self { entries: Vec::with_capacity(objects.len()), places: HashMap::new(), tagged: HashMap::new() };
        for (place, (entry, tags)) in objects.into_iter().enumerate() {
            let place = place as u32;
            for tag in tags {
                shelf.tagged.entry(tag).or_default().push(place);
            }
            shelf.places.insert(entry.id.clone(), place);
            shelf.entries.push(entry);
        }
        shelf
    }

    /// A shelf with nothing on it.
    pub fn empty() -> Self {
        Self { entries: Vec::new(), places: HashMap::new(), tagged: HashMap::new() }
    }

    /// The object with an id.
    pub fn get(&self, id: &str) -> Option<T> {
        self.place(id).map(|place| self.entries[place as usize].object)
    }

    /// The place of an id, counted from the newest.
    pub fn place(&self, id: &str) -> Option<u32> {
        self.places.get(id).copied()
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The objects that answer to all the filters within places `from..to`, newest first; or oldest first when
    /// `backwards`. Costs one step for each object of the rarest filter, and nothing for those before `from`.
    pub fn select<'a>(
        &'a self,
        filters: &[Tag],
        from: u32,
        to: u32,
        backwards: bool,
    ) -> Box<dyn Iterator<Item = &'a Entry<T>> + 'a> {
        let mut lists: Vec<&'a [u32]> =
            filters.iter().map(|tag| self.tagged.get(tag).map_or(&[][..], Vec::as_slice)).collect();
        lists.sort_by_key(|list| list.len());
        let Some((rarest, others)) = lists.split_first() else {
            let places = from..to.max(from);
            let entry = |place: u32| &self.entries[place as usize];
            return if backwards { Box::new(places.rev().map(entry)) } else { Box::new(places.map(entry)) };
        };
        let begin = rarest.partition_point(|&place| place < from);
        let end = rarest.partition_point(|&place| place < to).max(begin);
        let others = others.to_vec();
        let fits = move |place: &&u32| others.iter().all(|list| list.binary_search(place).is_ok());
        let entry = |&place: &u32| &self.entries[place as usize];
        let chosen = rarest[begin..end].iter();
        if backwards {
            Box::new(chosen.rev().filter(fits).map(entry))
        } else {
            Box::new(chosen.filter(fits).map(entry))
        }
    }

    /// The places of the objects whose second of creation is in `[since, before)`.
    pub fn created_within(&self, since: i64, before: i64) -> (u32, u32) {
        let newest = self.entries.partition_point(|entry| entry.created >= before);
        let oldest = self.entries.partition_point(|entry| entry.created >= since);
        (newest as u32, oldest as u32)
    }
}
