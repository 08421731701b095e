//! Expansion: ids that become objects when the request says so.

use serde_json::Value;

use super::book::Book;
use super::refusal::Refusal;

/// Stripe's own bound.
const DEEPEST: usize = 4;

/// What an object is, for finding out which of its fields can be expanded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Customer,
    Product,
    Price,
    Coupon,
    Discount,
    Subscription,
    SubscriptionItem,
    Schedule,
    Refund,
    Charge,
    CreditNote,
    Invoice,
    Line,
    InvoiceItem,
    CreditNoteLine,
    TestClock,
    /// The older shape of a price, with the price's id; only events show it on its own.
    Plan,
    Event,
}

/// What stands at a place of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// The company: nothing in it can be expanded.
    Account,
    /// An object.
    One(Kind),
    /// A list object whose `data` holds objects.
    List(Kind),
    /// An id, or null, that can be replaced by an object.
    Reference(Kind),
    /// An array of ids.
    References(Kind),
    /// The tiers of a price, which are not there before they are asked for.
    Tiers,
    /// The currencies of a price, likewise.
    CurrencyOptions,
    /// The products that a coupon is for, likewise.
    AppliesTo,
    /// The payments of an invoice, likewise.
    Payments,
    /// A reference to a kind that the world does not hold; it is always null.
    Nothing,
    /// Part of an object with references somewhere below.
    Part(Part),
    /// An array of such parts.
    Parts(Part),
}

/// A named part of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    DiscountSource,
    DiscountAmount,
    InvoiceParent,
    SubscriptionParent,
    Pricing,
    PriceDetails,
}

/// Expands one path such as `data.discounts.source.coupon`.
pub(super) fn expand(book: &Book, answer: &mut Value, shape: Shape, path: &str) -> Result<(), Refusal> {
    walk(book, answer, shape, &check(shape, path)?);
    Ok(())
}

/// The segments of a path that can be expanded.
pub(super) fn check(shape: Shape, path: &str) -> Result<Vec<&str>, Refusal> {
    let segments: Vec<&str> = path.split('.').collect();
    if segments.len() > DEEPEST {
        return Err(Refusal::too_deep());
    }
    // The path is checked against the shapes before any data, because a list may be empty.
    let mut at = shape;
    let mut expands = false;
    for segment in &segments {
        at = step(at, segment).ok_or_else(|| Refusal::cannot_expand(path))?;
        expands |= matches!(at, Shape::Reference(_) | Shape::References(_) | Shape::Nothing | Shape::Tiers);
        expands |= matches!(at, Shape::CurrencyOptions | Shape::AppliesTo | Shape::Payments);
        expands |= matches!(at, Shape::List(_)) && *segment != "data" || at == Shape::One(Kind::Price);
    }
    if !expands {
        return Err(Refusal::cannot_expand(path));
    }
    Ok(segments)
}

fn walk(book: &Book, value: &mut Value, shape: Shape, segments: &[&str]) {
    match shape {
        Shape::Reference(kind) => {
            if let Some(object) = value.as_str().and_then(|id| book.find_even_deleted(kind, id)) {
                *value = object;
            }
            descend(book, value, Shape::One(kind), segments);
        }
        Shape::References(kind) => each(value, |one| walk(book, one, Shape::Reference(kind), segments)),
        Shape::Parts(part) => each(value, |one| descend(book, one, Shape::Part(part), segments)),
        _ => descend(book, value, shape, segments),
    }
}

fn descend(book: &Book, value: &mut Value, shape: Shape, segments: &[&str]) {
    let Some((&first, rest)) = segments.split_first() else {
        return;
    };
    let below = step(shape, first);
    if below == Some(Shape::Tiers) {
        return book.add_tiers(value);
    }
    if below == Some(Shape::CurrencyOptions) {
        return book.add_currency_options(value);
    }
    if below == Some(Shape::AppliesTo) {
        return book.add_applies_to(value);
    }
    if below == Some(Shape::Payments) {
        return book.add_payments(value);
    }
    let (Some(below), Some(field)) = (below, value.get_mut(first)) else {
        return;
    };
    match (shape, below) {
        (Shape::List(_), Shape::One(kind)) => each(field, |one| descend(book, one, Shape::One(kind), rest)),
        _ => walk(book, field, below, rest),
    }
}

fn each(value: &mut Value, mut then: impl FnMut(&mut Value)) {
    value.as_array_mut().into_iter().flatten().for_each(&mut then);
}

/// What a field of something is, if expansion may go through it.
fn step(shape: Shape, field: &str) -> Option<Shape> {
    match shape {
        Shape::List(kind) => (field == "data").then_some(Shape::One(kind)),
        Shape::One(kind) | Shape::Reference(kind) | Shape::References(kind) => field_of(kind, field),
        Shape::Part(part) | Shape::Parts(part) => field_of_part(part, field),
        Shape::Account | Shape::Nothing | Shape::Tiers | Shape::CurrencyOptions => None,
        Shape::AppliesTo | Shape::Payments => None,
    }
}

fn field_of(kind: Kind, field: &str) -> Option<Shape> {
    use Shape::{
        AppliesTo, CurrencyOptions, List, Nothing, One, Part as P, Parts, Payments, Reference, References, Tiers,
    };
    Some(match (kind, field) {
        (Kind::Subscription | Kind::Invoice | Kind::InvoiceItem | Kind::Discount, "customer") => {
            Reference(Kind::Customer)
        }
        (Kind::Subscription | Kind::SubscriptionItem | Kind::Invoice | Kind::Line | Kind::InvoiceItem, "discounts") => {
            References(Kind::Discount)
        }
        (Kind::Subscription, "items") => List(Kind::SubscriptionItem),
        (Kind::Subscription, "schedule") => Reference(Kind::Schedule),
        (Kind::Schedule, "subscription" | "released_subscription") => Reference(Kind::Subscription),
        (Kind::Schedule | Kind::CreditNote, "customer") => Reference(Kind::Customer),
        (Kind::CreditNote, "invoice") => Reference(Kind::Invoice),
        (Kind::Subscription, "latest_invoice") => Reference(Kind::Invoice),
        (
            Kind::Subscription,
            "pending_setup_intent" | "application" | "on_behalf_of" | "default_source" | "default_payment_method",
        ) => Nothing,
        (Kind::SubscriptionItem, "price") => One(Kind::Price),
        (Kind::Price, "product") => Reference(Kind::Product),
        (Kind::Price, "tiers") => Tiers,
        (Kind::Price, "currency_options") => CurrencyOptions,
        (Kind::Coupon, "applies_to") => AppliesTo,
        // Coupons here are in one currency: nothing appears, and asking is not an error.
        (Kind::Coupon, "currency_options") => Nothing,
        (Kind::Product, "default_price") => Reference(Kind::Price),
        (Kind::Customer, "discount") => One(Kind::Discount),
        (Kind::Product, "tax_code") | (Kind::Customer, "default_source") => Nothing,
        (Kind::Refund, "charge") => Reference(Kind::Charge),
        (Kind::Charge, "customer") => Reference(Kind::Customer),
        (Kind::Invoice, "payments") => Payments,
        (Kind::Invoice, "lines") => List(Kind::Line),
        (Kind::Invoice, "parent") => P(Part::InvoiceParent),
        (Kind::Invoice, "total_discount_amounts") | (Kind::Line, "discount_amounts") => Parts(Part::DiscountAmount),
        (Kind::Invoice, "application" | "default_payment_method" | "default_source" | "on_behalf_of") => Nothing,
        (Kind::Invoice, "latest_revision") => Reference(Kind::Invoice),
        (Kind::Line, "subscription") => Reference(Kind::Subscription),
        (Kind::Line | Kind::InvoiceItem, "pricing") => P(Part::Pricing),
        (Kind::InvoiceItem, "invoice") => Reference(Kind::Invoice),
        (Kind::Discount, "promotion_code") => Nothing,
        (Kind::Customer | Kind::Subscription | Kind::Schedule | Kind::Invoice | Kind::InvoiceItem, "test_clock") => {
            Reference(Kind::TestClock)
        }
        (Kind::Discount, "source") => P(Part::DiscountSource),
        _ => return None,
    })
}

fn field_of_part(part: Part, field: &str) -> Option<Shape> {
    Some(match (part, field) {
        (Part::DiscountSource, "coupon") => Shape::Reference(Kind::Coupon),
        (Part::DiscountAmount, "discount") => Shape::Reference(Kind::Discount),
        (Part::InvoiceParent, "subscription_details") => Shape::Part(Part::SubscriptionParent),
        (Part::SubscriptionParent, "subscription") => Shape::Reference(Kind::Subscription),
        (Part::Pricing, "price_details") => Shape::Part(Part::PriceDetails),
        (Part::PriceDetails, "price") => Shape::Reference(Kind::Price),
        _ => return None,
    })
}
