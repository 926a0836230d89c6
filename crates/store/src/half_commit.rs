//! The newest commit of a log without its keys: what a crash may leave of a commit that was never
//! acknowledged, because its frame and its keys become durable at the same time.
//!
//! It opens no keys itself: whoever holds them says of each entry whether it has its own.

use record::positions::{LogIndex, Size};

/// What is known of an entry's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyed {
    /// It opens with them.
    Yes,
    /// They are not there, or others are.
    No,
    /// It needs none, or none any more.
    Without,
}

/// Whether the commit that begins at `first` and ends a log of `size` entries lacks its keys, and
/// nothing but that explains what is there.
///
/// The keys of a commit become durable all or none, and nothing follows a commit before it has
/// them. So the answer is yes only if not one entry of the commit has its keys, and the newest entry
/// in front of it that needs keys has them. Where more is missing, the keys were cut or are an older
/// copy.
///
/// # Errors
/// What `keyed` answers.
pub fn is_half<E>(
    first: LogIndex,
    size: Size,
    keyed: &mut dyn FnMut(LogIndex) -> Result<Keyed, E>,
) -> Result<bool, E> {
    let mut lacks = false;
    for index in first.up_to(size) {
        match keyed(index)? {
            Keyed::Yes => return Ok(false),
            Keyed::No => lacks = true,
            Keyed::Without => {}
        }
    }
    if !lacks {
        return Ok(false);
    }
    for index in first.size_before().indexes().rev() {
        match keyed(index)? {
            Keyed::Yes => return Ok(true),
            Keyed::No => return Ok(false),
            Keyed::Without => {}
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half(first: u64, keys: &[Keyed]) -> bool {
        let mut keyed = |index: LogIndex| {
            let place = usize::try_from(index.get()).unwrap();
            Ok::<_, std::convert::Infallible>(keys[place])
        };
        is_half(LogIndex::new(first), Size::of(keys.len()), &mut keyed).unwrap()
    }

    #[test]
    fn only_a_whole_commit_without_keys_behind_one_with_keys_is_half() {
        use Keyed::{No, Without, Yes};
        assert!(half(2, &[Without, Yes, No, No]));
        assert!(
            half(3, &[Without, Yes, Without, No]),
            "a heads entry between"
        );
        assert!(half(1, &[Without, No]), "the first commit that needs keys");
        assert!(!half(2, &[Without, Yes, Yes, No]), "keys come all or none");
        assert!(!half(2, &[Without, No, No, No]), "more is missing");
        assert!(!half(2, &[Without, No, Without]), "the commit needs none");
        assert!(!half(2, &[Without, Yes, Yes]));
        assert!(
            half(2, &[Without, Yes, Without, No]),
            "a part of it needs none"
        );
    }
}
