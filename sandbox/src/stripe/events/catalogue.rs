//! What happened to products, prices and coupons.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Happening;
use super::redemptions::Redemptions;
use crate::moments;
use crate::stripe::book::Book;
use crate::stripe::expand::Kind;
use crate::stripe::render::shown;
use crate::world::Company;
use crate::world::catalogue::{CouponNumber, PriceNumber, ProductNumber};
use crate::world::clock::Moment;

/// The second of each look, with all that it found and how things stood afterwards. The company needs no accounts.
pub(super) fn happenings(
    company: &Company,
    redemptions: &Redemptions,
    since: Moment,
    until: Moment,
) -> Vec<(Moment, Vec<Happening>, Book)> {
    let mut all: BTreeSet<Moment> = moments::of_catalogue(&company.catalogue, since, until);
    all.extend(redemptions.within(since, until));
    let look = |moment: Moment| Book::unlisted(company.as_of(moment), redemptions.before(moment), None);
    let each = all.into_iter().map(|at| {
        let after = look(at.plus_seconds(1));
        (at, compare(&look(at), &after), after)
    });
    each.collect()
}

fn compare(before: &Book, after: &Book) -> Vec<Happening> {
    let catalogue = &after.company.catalogue;
    let exists = |book: &Book, created: Moment| created < book.company.horizon.now;
    let mut all = Vec::new();
    for (n, product) in catalogue.products.iter().enumerate().filter(|(_, product)| exists(after, product.created)) {
        let look = |book: &Book| book.render_product(ProductNumber(n));
        let was = exists(before, product.created).then(|| look(before));
        offer(was, &look(after), Kind::Product, ["product.created", "product.updated"], &mut all);
    }
    let own = |n: usize| shown(catalogue, PriceNumber(n)) == PriceNumber(n);
    let known = catalogue.prices.iter().enumerate().filter(|(_, price)| exists(after, price.created));
    for (n, price) in known.filter(|(n, _)| own(*n)) {
        let former = &before.company.catalogue.prices[n];
        if exists(before, price.created) && former.retired == price.retired {
            continue;
        }
        let look = |book: &Book| book.render_price(PriceNumber(n));
        let was = exists(before, price.created).then(|| look(before));
        offer(was, &look(after), Kind::Price, ["price.created", "price.updated"], &mut all);
        // Each price is a plan as well, under the same id.
        let look = |book: &Book| book.render_plan(PriceNumber(n));
        let was = exists(before, price.created).then(|| look(before));
        offer(was, &look(after), Kind::Plan, ["plan.created", "plan.updated"], &mut all);
    }
    for (n, coupon) in catalogue.coupons.iter().enumerate().filter(|(_, coupon)| exists(after, coupon.created)) {
        let look = |book: &Book| book.render_coupon(CouponNumber(n));
        let known = exists(before, coupon.created);
        if known && before.company.catalogue.coupons[n].deleted.is_some() {
            continue; // It may still be redeemed, but nobody is told.
        }
        if coupon.deleted.is_some() {
            all.push(Happening::shown("coupon.deleted", Kind::Coupon, &look(before)));
            continue;
        }
        let was = known.then(|| look(before));
        offer(was, &look(after), Kind::Coupon, ["coupon.created", "coupon.updated"], &mut all);
    }
    all
}

fn offer(was: Option<Value>, now: &Value, kind: Kind, names: [&'static str; 2], all: &mut Vec<Happening>) {
    match was {
        None => all.push(Happening::shown(names[0], kind, now)),
        Some(was) if was != *now => all.push(Happening::changed(names[1], kind, &was, now)),
        Some(_) => {}
    }
}
