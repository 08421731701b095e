//! By what records of several sources can be told to be of one customer.

/// Something that a record says about who its account is outside of its own source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// What it is.
    pub kind: IdentityKind,
    /// As the source has it; it is made comparable by the crosswalk.
    pub value: String,
}

/// The kinds of identities, from the strongest to the weakest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityKind {
    /// The id of a record of the same source that was merged into this one.
    Absorbed,
    /// The id that another system has for it, such as `hubspot` in a billing system's metadata.
    Foreign {
        /// The connector of that system: `hubspot`.
        system: String,
    },
    /// The domain of its site.
    Domain,
    /// The address that bills go to.
    Email,
}
