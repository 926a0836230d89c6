//! How a value is stored: as one element, or as one element for each of its items. It does not say
//! whom a field is about; that is `spec`.

/// Whether a field's stored form is one element or one element for each item.
pub trait Shape {
    /// True where each item of the value is an element of its own.
    const LIST: bool;
}

impl<T: Shape> Shape for Option<T> {
    const LIST: bool = T::LIST;
}
impl<T: Shape> Shape for Vec<T> {
    const LIST: bool = true;
}
macro_rules! scalar {
    ($($kind:ty),+) => { $(impl Shape for $kind { const LIST: bool = false; })+ };
}
scalar!(bool, u8, u16, u32, u64, i32, String, serde_json::Value);
