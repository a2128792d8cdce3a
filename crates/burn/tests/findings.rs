//! docs/burn-findings.md has a section for every finding, and under it what its program prints.

#[path = "../examples/findings/list/mod.rs"]
mod list;

#[test]
fn the_page_has_what_the_programs_print() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/burn-findings.md");
    let page = std::fs::read_to_string(path).expect("the page is there");
    let mut wrong = Vec::new();
    for (name, finding) in list::ALL {
        let mut text = String::new();
        finding(&mut text).expect("a string takes all text");
        let shown =
            format!("```console\n$ cargo run -p downhill-burn --example findings -- {name}\n# {name}\n{text}```\n");
        if !page.contains(&shown) {
            wrong.push(shown);
        }
    }
    assert!(wrong.is_empty(), "the page lacks:\n{}", wrong.join("\n"));
    assert_eq!(page.matches("```console\n").count(), list::ALL.len(), "a finding without a program");
}
