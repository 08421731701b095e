//! The documentation runs: every SQL block of docs/metrics is executed, and what it prints is
//! what the page says. `MRR_WRITE_DOCS=1 cargo x test docs` writes the answers into the pages.

use mrr_tests::{Cluster, Database, schema, workspace};

#[test]
fn every_example_prints_what_its_page_says() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = cluster.create("docs").unwrap();
    let folder = workspace().join("docs/metrics");
    let book = std::fs::read_to_string(folder.join("book.sql")).unwrap();
    database.run(&format!("{}\n{book}", schema().unwrap())).unwrap();
    let mut pages: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let mut examples = 0;
    for page in pages.iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
        let text = std::fs::read_to_string(page).unwrap();
        let (executed, count) = execute(&database, &text);
        examples += count;
        if std::env::var_os("MRR_WRITE_DOCS").is_some() {
            std::fs::write(page, &executed).unwrap();
        } else {
            assert_eq!(text, executed, "{} does not say what its examples print", page.display());
        }
    }
    assert!(examples > 15, "only {examples} examples were found");
}

/// The page with the answers of this database: each ```sql block is followed by a ```text block.
fn execute(database: &Database<'_>, page: &str) -> (String, usize) {
    let mut written = String::new();
    let mut lines = page.lines().peekable();
    let mut count = 0;
    while let Some(line) = lines.next() {
        written.push_str(line);
        written.push('\n');
        if line != "```sql" {
            continue;
        }
        let mut query = String::new();
        for line in lines.by_ref() {
            written.push_str(line);
            written.push('\n');
            if line == "```" {
                break;
            }
            query.push_str(line);
            query.push('\n');
        }
        if lines.peek() == Some(&"```text") {
            lines.by_ref().take_while(|line| *line != "```").for_each(drop);
        }
        count += 1;
        let answer = database.show(&query).unwrap_or_else(|error| error);
        written.push_str("```text\n");
        answer.lines().for_each(|line| {
            written.push_str(line.trim_end());
            written.push('\n');
        });
        written.push_str("```\n");
    }
    (written, count)
}
