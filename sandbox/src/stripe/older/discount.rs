//! Discounts that embed their coupon.

use serde_json::{Value, json};

use super::{Older, fields};

impl Older<'_> {
    /// `source.coupon`, an id, was `coupon`, the object.
    pub(super) fn embed_coupon(&self, discount: &mut Value) {
        let id = discount["source"]["coupon"].as_str();
        let number = id.and_then(|id| self.names.coupons.get(id));
        let coupon = number.map_or(Value::Null, |&number| self.book.render_coupon(number));
        if let Some(fields) = fields(discount) {
            fields.shift_remove("source");
            fields.insert("coupon".into(), coupon);
        }
    }

    /// The first of several discounts as the object that was all there was before there could be several.
    pub(super) fn first_discount(&self, ids: &Value) -> Value {
        let first = ids[0].as_str().and_then(|id| self.in_use(id));
        let mut discount = first.map_or(json!(null), |in_use| self.book.render_discount(in_use));
        self.embed_coupon(&mut discount);
        discount
    }
}
