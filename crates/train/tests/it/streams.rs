//! What is written where there is no file but a pipe, a device or a folder; and how readable files are that are written.

use std::fs;
use std::os::unix::fs::FileTypeExt;

use crate::common::{Program, TINY, language_model, translate};

/// Commands that write to `OUT`.
const WRITING: [&str; 4] = [
    "plot run --out OUT",
    "export run --csv OUT",
    "translate-text run --input lines.txt --output OUT",
    "surprisal text --text 'Line 7' --plot OUT",
];

fn trained() -> Program {
    let program = Program::new();
    program.add_pairs("");
    program.add_text();
    program.succeed(&translate("run", &["--steps", "4"]), "");
    program.succeed(&language_model("text", &[]), "");
    program.write("lines.txt", "Der Hund 0 schläft.\nDie Kuh 3 läuft.\n");
    program
}

#[test]
fn a_pipe_is_written_to_and_stays_one() {
    let program = trained();
    assert_eq!(program.shell("mkfifo pipe && ln -s pipe link && mkdir files").code, 0);
    for command in WRITING {
        for pipe in ["pipe", "link"] {
            // Ids in a picture go by the name of its file, so that is the same.
            let write = |folder: &str| command.replace("OUT", &format!("{folder}/{pipe}"));
            let [to_pipe, to_file] = [write("."), write("files")];
            let script = format!(
                "cat pipe > got & cat=$!; $TRAIN {to_pipe} && test -p {pipe} && wait $cat && $TRAIN {to_file} || \
                 {{ kill $cat; exit 3; }}"
            );
            let ran = program.shell(&script);
            assert_eq!(ran.code, 0, "{command}: {}", ran.stderr);
            let [got, file] =
                ["got", &format!("files/{pipe}")].map(|name| fs::read(program.path(name)).unwrap());
            assert!(!got.is_empty() && got == file, "{command}: {}", String::from_utf8_lossy(&got));
            assert!(fs::symlink_metadata(program.path("pipe")).unwrap().file_type().is_fifo(), "{command}");
            assert!(fs::symlink_metadata(program.path("link")).unwrap().is_symlink(), "{command}");
        }
    }
}

#[test]
fn a_folder_or_a_socket_is_refused_and_stays() {
    let program = trained();
    fs::create_dir(program.path("folder")).unwrap();
    let _listener = std::os::unix::net::UnixListener::bind(program.path("socket")).unwrap();
    for command in WRITING {
        for (out, reason) in [("folder", "there is a folder, which is no regular file"), ("socket", "")] {
            let ran = program.shell(&format!("$TRAIN {}", command.replace("OUT", out)));
            ran.failed(&[&format!("cannot write {out}: {reason}")]);
        }
    }
    assert_eq!(fs::read_dir(program.path("folder")).unwrap().count(), 0);
    assert!(fs::symlink_metadata(program.path("socket")).unwrap().file_type().is_socket());
}

/// In a `/dev` of its own, since what is tried here would take away the machine's.
#[test]
fn what_leads_to_standard_output_is_written_to_wherever_that_goes() {
    let program = trained();
    if !program.can_mount() {
        println!("not tested: nothing can be mounted here");
        return;
    }
    for command in WRITING {
        let commands = [
            format!("$TRAIN {} > file", command.replace("OUT", "stdout")),
            "exec 2> /dev/null; mount -t tmpfs none /dev && ln -s /proc/self/fd/1 /dev/stdout".to_owned(),
            format!("$TRAIN {} > redirected", command.replace("OUT", "/dev/stdout")),
            format!("$TRAIN {} | cat > piped", command.replace("OUT", "/dev/stdout")),
            "test -L /dev/stdout".to_owned(),
        ];
        let ran = program.isolated_shell(&commands.join(" && "));
        assert_eq!(ran.code, 0, "{command}: {}", ran.stderr);
        let written = fs::read_to_string(program.path("stdout")).unwrap();
        for got in ["redirected", "piped"] {
            let got = fs::read_to_string(program.path(got)).unwrap();
            assert!(got.contains(&written), "{command}: {got} has not {written}");
        }
    }
}

#[test]
fn files_and_folders_are_as_readable_as_the_umask_says() {
    let program = Program::new();
    program.add_pairs("");
    for (umask, file, folder) in [("022", "644", "755"), ("027", "640", "750"), ("002", "664", "775")] {
        let copy = format!("$TRAIN copy --out made/copy {} --steps 10", TINY.join(" "));
        let pairs = translate("made/pairs", &["--data", "made/data"]).join(" ");
        let script = format!(
            "umask {umask} && mkdir made && {copy} && $TRAIN data add mine --data made/data --tsv \
             pairs.tsv --valid 9 --test 9 && $TRAIN {pairs} && $TRAIN resume made/pairs --steps 6 && $TRAIN average \
             made/copy --last 1 --out made/mean && $TRAIN average made/copy --last 1 --out made/mean --force && $TRAIN plot made/pairs \
             && $TRAIN export made/pairs --csv made/table.csv"
        );
        let ran = program.shell(&script);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let others = format!("find made -type f ! -perm {file} -o -type d ! -perm {folder}");
        assert_eq!(program.shell(&others).stdout, "", "umask {umask}");
        let all = program.shell("find made -type f").stdout;
        for name in ["train.ids", "step-6/state.json", "table.csv", "SHA256SUMS", "plot.svg", "corpus.json"] {
            assert!(all.contains(name), "{name} is missing from {all}");
        }
        fs::remove_dir_all(program.path("made")).unwrap();
    }
}
