//! What to do about a picture that is too large.

use super::picture::Picture;

/// Wider or higher pictures are not to be looked at as a whole.
const LARGE: f64 = 10_000.0;

/// Advice for who drew it; none if it can be looked at.
pub(super) fn hints(picture: &Picture) -> Vec<String> {
    let size = format!("the picture is {:.0} x {:.0} pixels", picture.width, picture.height);
    if picture.height > LARGE {
        return vec![format!(
            "{size}, which nobody can look at: wrap it into columns (`DrawOptions::columns(2000.0)`), open fewer levels \
             (`ViewOptions::depth`; without it, as many as can be read), or draw a picture for each scope \
             (`ViewOptions::root`) and link them (`DrawOptions::links`)"
        )];
    }
    let is_wide = picture.width > LARGE;
    let wide = || {
        format!(
            "{size}, which nobody can look at: open fewer levels (`ViewOptions::depth`; without it, as many as can be read)"
        )
    };
    is_wide.then(wide).into_iter().collect()
}
