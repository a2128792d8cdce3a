//! Puts generated text between markers of a page, so that a page cannot say what results do not.
//!
//! ```text
//! <!-- downhill:begin finding article/momentum -->
//! whatever stands here is replaced
//! <!-- downhill:end -->
//! ```

use anyhow::{Context as _, Result, bail};

const BEGIN: &str = "<!-- downhill:begin ";
const END: &str = "<!-- downhill:end -->";

/// The page with the text between its markers replaced by what `fill` makes of the words in the opening marker.
///
/// ```
/// use runner::splice::splice;
/// let page = "a\n<!-- downhill:begin sum 1 2 -->\nold\n<!-- downhill:end -->\nb\n";
/// let filled = splice(page, |words| Ok(format!("<{words}>"))).expect("the markers are in order");
/// assert_eq!(filled, "a\n<!-- downhill:begin sum 1 2 -->\n<sum 1 2>\n<!-- downhill:end -->\nb\n");
/// assert!(splice("<!-- downhill:begin sum -->\n", |_| Ok(String::new())).is_err());
/// ```
///
/// # Errors
/// Those of `fill`, with the line of the marker; a marker that is not closed.
pub fn splice(page: &str, mut fill: impl FnMut(&str) -> Result<String>) -> Result<String> {
    let mut out = String::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let Some(words) = line.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix("-->")) else { continue };
        let text = fill(words.trim()).with_context(|| format!("line {}: {line}", number + 1))?;
        out.push_str(text.trim_end());
        out.push('\n');
        let Some((_, end)) = lines.by_ref().find(|(_, line)| line.trim() == END) else {
            bail!("line {}: `{line}` has no `{END}` after it", number + 1)
        };
        out.push_str(end);
        out.push('\n');
    }
    Ok(out)
}
