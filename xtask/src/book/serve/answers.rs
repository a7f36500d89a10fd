//! What is answered: files of the book, each with headers that say what its page may do.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use tower_http::services::ServeDir;

use super::policy;

struct Book {
    /// The folder, without links on the way to it.
    root: PathBuf,
    policy: HeaderValue,
}

/// Answers with what is in the folder, and with nothing that a symbolic link in it leads to outside.
pub(super) fn of(folder: &Path) -> Result<Router> {
    let root = folder.canonicalize().with_context(|| format!("cannot find {}", folder.display()))?;
    let policy = HeaderValue::from_str(&policy::of(&root)?)?;
    let files = ServeDir::new(&root);
    let book = Arc::new(Book { root, policy });
    Ok(Router::new().fallback_service(files).layer(middleware::from_fn_with_state(book, guarded)))
}

async fn guarded(State(book): State<Arc<Book>>, request: Request, next: Next) -> Response {
    let is_there = inside(&book.root, request.uri().path());
    let mut response = if is_there { next.run(request).await } else { StatusCode::NOT_FOUND.into_response() };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, book.policy.clone());
    response
}

/// Whether a path is that of a file in the folder, after all links are followed. A name that the system can't even look
/// up, such as one of 300 characters, is of no file.
fn inside(root: &Path, path: &str) -> bool {
    // A redirection to `//name` would lead to another machine.
    let Some(path) = path.strip_prefix('/').filter(|path| !path.contains("//") && !path.starts_with('/'))
    else {
        return false;
    };
    let Ok(path) = percent_decode_str(path).decode_utf8() else { return false };
    let path = Path::new(&*path);
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return false;
    }
    let mut file = root.join(path);
    if file.is_dir() {
        file.push("index.html");
    }
    file.canonicalize().is_ok_and(|found| found.starts_with(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_the_folder_is_inside() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("book");
        std::fs::create_dir_all(root.join("a b/empty")).unwrap();
        for name in ["index.html", "a b/index.html", "a b/c.svg", "../secret"] {
            std::fs::write(root.join(name), name).unwrap();
        }
        for path in ["/", "/index.html", "/a%20b", "/a%20b/", "/a%20b/c.svg", "/./index.html"] {
            assert!(inside(&root, path), "{path}");
        }
        let long = format!("/{}", "a".repeat(300));
        let outside =
            ["", "*", "/../secret", "/%2e%2e/secret", "/a%20b/../../secret", "/a%20b/empty", "//a%20b"];
        for path in outside.into_iter().chain(["/%ff", "/%00", "/nowhere", &long]) {
            assert!(!inside(&root, path), "{path}");
        }
    }
}
