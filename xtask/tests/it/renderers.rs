//! Every diagram looks the same in Chromium, in resvg and in librsvg.
//!
//! The three smooth the edges of glyphs each in its own way, so pictures are compared by the mean colour of small cells:
//! a letter that is a little bolder hardly shows there, but an arrow head, a word or a colour that is missing does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// Side of a cell in pixels.
const CELL: usize = 8;
/// From one cell to the next in pixels: cells overlap, so that a small thing lies whole in one of them, wherever it is.
const STEP: usize = CELL / 2;
/// Most that the mean colour of one cell may differ, of 255.
const CELL_LIMIT: f64 = 40.0;
/// Most that all cells may differ on average.
const MEAN_LIMIT: f64 = 1.0;

/// The mean colour of every cell, row by row.
struct Cells {
    across: usize,
    colours: Vec<[f64; 3]>,
}

impl Cells {
    fn new(picture: &Pixmap) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let steps = |length: usize| (length.max(CELL) - CELL) / STEP + 1;
        let (across, down) = (steps(width), steps(height));
        let mut colours = vec![[0.0; 3]; across * down];
        for (at, pixel) in picture.pixels().iter().enumerate() {
            let white = 255.0 - f64::from(pixel.alpha());
            let colour = [pixel.red(), pixel.green(), pixel.blue()]
                .map(|channel| (f64::from(channel) + white) / (CELL * CELL) as f64);
            for y in cells_over(at / width, down) {
                for x in cells_over(at % width, across) {
                    for (sum, part) in colours[y * across + x].iter_mut().zip(colour) {
                        *sum += part;
                    }
                }
            }
        }
        Self { across, colours }
    }

    /// The greatest difference with the place of its cell in pixels, and the mean difference.
    fn differ(&self, other: &Self) -> ((f64, usize, usize), f64) {
        assert_eq!((self.across, self.colours.len()), (other.across, other.colours.len()), "sizes differ");
        let differences: Vec<f64> = self
            .colours
            .iter()
            .zip(&other.colours)
            .map(|(a, b)| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max))
            .collect();
        let worst = (0..differences.len()).max_by(|&a, &b| differences[a].total_cmp(&differences[b]));
        let worst = worst
            .map_or((0.0, 0, 0), |at| (differences[at], at % self.across * STEP, at / self.across * STEP));
        (worst, differences.iter().sum::<f64>() / differences.len().max(1) as f64)
    }
}

/// The cells along one axis that have this pixel, of `count` cells.
fn cells_over(pixel: usize, count: usize) -> std::ops::Range<usize> {
    (pixel + 1).saturating_sub(CELL).div_ceil(STEP)..(pixel / STEP + 1).min(count)
}

fn by_resvg(svg: &str) -> Pixmap {
    let mut fonts = fontdb::Database::new();
    fonts.load_system_fonts();
    let options = Options { fontdb: Arc::new(fonts), ..Options::default() };
    let tree = Tree::from_str(svg, &options).unwrap();
    let size = tree.size().to_int_size();
    let mut picture = Pixmap::new(size.width(), size.height()).unwrap();
    picture.fill(Color::WHITE);
    resvg::render(&tree, Transform::identity(), &mut picture.as_mut());
    picture
}

fn by_librsvg(svg: &Path, folder: &Path) -> Pixmap {
    let out = folder.join("librsvg.png");
    let mut command = Command::new("rsvg-convert");
    command.args(["--background-color", "white", "--output"]).arg(&out).arg(svg);
    picture(&mut command, &out)
}

fn by_chromium(svg: &Path, size: (u32, u32), folder: &Path) -> Pixmap {
    let out = folder.join("chromium.png");
    let mut command = Command::new("chromium");
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]);
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
    command.arg(format!("--window-size={},{}", size.0 + 8, size.1 + 8));
    command.arg(format!("--screenshot={}", out.display())).arg(svg.canonicalize().unwrap());
    picture(&mut command, &out)
}

fn picture(command: &mut Command, out: &Path) -> Pixmap {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let bytes = fs::read(out).unwrap_or_else(|error| panic!("{command:?} drew nothing, {error}: {said}"));
    fs::remove_file(out).unwrap();
    Pixmap::decode_png(&bytes).unwrap()
}

/// The upper left part of a picture; renderers round its size differently, and a window is larger.
fn cropped(picture: &Pixmap, (width, height): (u32, u32)) -> Pixmap {
    let mut part = Pixmap::new(width, height).unwrap();
    part.fill(Color::WHITE);
    part.draw_pixmap(0, 0, picture.as_ref(), &Default::default(), Transform::identity(), None);
    part
}

/// Whether a program is there. Where CI is set it must be.
fn has(program: &str, package: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "no {program} on PATH; Debian's {package} has it");
    if !found {
        println!("SKIPPED: no {program} on PATH; Debian's {package} has it");
    }
    found
}

fn diagrams() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../diagrams");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "svg"));
    files.sort();
    files
}

#[test]
fn every_diagram_looks_the_same_in_every_renderer() {
    let (librsvg, chromium) = (has("rsvg-convert", "librsvg2-bin"), has("chromium", "chromium"));
    let folder = tempfile::tempdir().unwrap();
    let mut problems = Vec::new();
    for path in diagrams() {
        let ours = by_resvg(&fs::read_to_string(&path).unwrap());
        let size = (ours.width(), ours.height());
        let mut others = Vec::new();
        if librsvg {
            others.push(("librsvg", by_librsvg(&path, folder.path())));
        }
        if chromium {
            others.push(("Chromium", by_chromium(&path, size, folder.path())));
        }
        let cells = Cells::new(&ours);
        for (name, other) in others {
            let ((worst, x, y), mean) = cells.differ(&Cells::new(&cropped(&other, size)));
            let file = path.file_name().unwrap().to_string_lossy();
            let line =
                format!("{file}: resvg and {name} differ by {worst:.1} at ({x}, {y}), {mean:.2} on average");
            println!("{line}");
            if worst > CELL_LIMIT || mean > MEAN_LIMIT {
                problems.push(line);
            }
        }
    }
    assert!(problems.is_empty(), "of 255 at most {CELL_LIMIT} and {MEAN_LIMIT}:\n{}", problems.join("\n"));
}

/// What would go wrong in a renderer, put in by hand: the comparison must find it.
#[test]
fn a_difference_that_a_reader_would_see_is_found() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../diagrams/encoder-layer.svg");
    let svg = fs::read_to_string(path).unwrap();
    let right = Cells::new(&by_resvg(&svg));
    let worst = |wrong: &str| {
        assert_ne!(wrong, svg, "the mutation changes nothing");
        right.differ(&Cells::new(&by_resvg(wrong))).0.0
    };
    let mutations = [
        ("no arrow heads", svg.replace("marker-end=", "data-end=")),
        ("no label", svg.replacen(">Feed Forward</text>", "></text>", 1)),
        ("no colour", svg.replace("class=\"b k-attention", "class=\"b k-other")),
        ("black areas", svg.replace(".agd .e{fill:none", ".agd .e{fill:black")),
    ];
    for (name, wrong) in mutations {
        let found = worst(&wrong);
        println!("{name}: {found:.1}");
        assert!(found > CELL_LIMIT, "{name} is not found: {found:.1}");
    }
}
