//! What is drawn from results that are there, without measuring.

use std::fs;

use crate::{figures, lab, names};

#[test]
fn what_is_drawn_anew_is_what_was_drawn() {
    let out = tempfile::tempdir().unwrap();
    let (committed, folder) = (figures().join("lab/surprisal"), out.path().join("lab/surprisal"));
    let redraw =
        || lab(out.path(), &["book", "--redraw", "surprisal", "--out", out.path().to_str().unwrap()]);
    let told = redraw();
    assert!(told.code == 2 && told.stderr.contains("cannot read"), "there is nothing yet: {}", told.stderr);
    fs::create_dir_all(&folder).unwrap();
    fs::copy(committed.join("results.json"), folder.join("results.json")).unwrap();
    let told = redraw();
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert_eq!(names(&folder), names(&committed));
    for name in names(&folder).into_iter().filter(|name| name != "results.json") {
        let [new, old] = [&folder, &committed].map(|folder| fs::read(folder.join(&name)).unwrap());
        assert!(new == old, "{name}");
    }
}
