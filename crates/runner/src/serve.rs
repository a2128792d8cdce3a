//! Reports over HTTP, on this machine alone, while sweeps go on.
//!
//! The pages are functions of the files at the moment of asking. A page asks now and then for the state of these files,
//! and loads itself again when it is another one.

mod http;

use crate::lab::Lab;
use crate::report;
use crate::store::Results;
use crate::study::Study;
use crate::table::escape;
use anyhow::{Context as _, Result, ensure};
use http::{Answer, Request, Status};
use std::collections::HashMap;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

/// What decides a report: its state is that of these files.
const FILES: [&str; 5] = ["study.toml", "journal.jsonl", "trials.csv", "curves.csv", "timings.csv"];

/// Added to a page: asks for the state of its files every two seconds.
const RELOAD: &str = include_str!("serve/reload.js");

/// A folder of results, or of such folders, as a site.
///
/// `/` is the report of the folder, or the list of those below it; `/NAME/` is one of these; with `state` behind it, either
/// is a short text that changes when the files do. Names are looked up in the list, so that no path of a request ever
/// reaches the file system.
pub struct Site<'a> {
    dir: PathBuf,
    lab: &'a Lab,
    /// Pages with their states, by folder.
    pages: Mutex<HashMap<PathBuf, (String, String)>>,
}

impl<'a> Site<'a> {
    /// Of a folder.
    ///
    /// # Errors
    /// If it is none.
    pub fn new(dir: &Path, lab: &'a Lab) -> Result<Self> {
        ensure!(dir.is_dir(), "{} is no folder: give one of results, such as results/default", dir.display());
        Ok(Site { dir: dir.to_owned(), lab, pages: Mutex::default() })
    }

    /// Answers until the process ends.
    ///
    /// # Errors
    /// If the listener fails.
    pub fn serve(&self, listener: &TcpListener) -> Result<()> {
        let port = listener.local_addr().context("the socket has no address")?.port();
        std::thread::scope(|threads| {
            for stream in listener.incoming() {
                // A client that went away is no concern of the others.
                let Ok(stream) = stream else { continue };
                threads.spawn(move || http::answer(stream, port, |request| self.answer(request)));
            }
        });
        Ok(())
    }

    fn answer(&self, request: &Request) -> Answer {
        let path = request.path.trim_start_matches('/');
        let (name, state) = match path.strip_suffix("state") {
            Some(name) if name.is_empty() || name.ends_with('/') => (name, true),
            _ => (path, false),
        };
        let Some(dir) = self.folder(name.trim_end_matches('/')) else {
            return Answer::text(Status::NotFound, "There is no such report; / lists those that there are.\n");
        };
        match dir {
            Some(dir) if state => Answer::text(Status::Ok, &files(&dir)),
            Some(_) if !name.is_empty() && !name.ends_with('/') => Answer::moved(&format!("/{}/", encoded(name))),
            Some(dir) => Answer::html(self.page(&dir)),
            None if state => Answer::text(Status::Ok, &self.names().join("\n")),
            None => Answer::html(self.list()),
        }
    }

    /// The folder of that name: none inside for the list, none if there is no such folder.
    fn folder(&self, name: &str) -> Option<Option<PathBuf>> {
        if !name.is_empty() {
            return self.names().iter().any(|n| n == name).then(|| Some(self.dir.join(name)));
        }
        Some(is_study(&self.dir).then(|| self.dir.clone()))
    }

    /// The folders below this one that hold results, by their paths from here.
    fn names(&self) -> Vec<String> {
        let found = crate::cmd::report::below(&self.dir, &is_study).unwrap_or_default();
        let name = |path: &PathBuf| Some(path.strip_prefix(&self.dir).ok()?.to_str()?.to_owned());
        found.iter().filter_map(name).filter(|name| !name.is_empty()).collect()
    }

    fn list(&self) -> String {
        let names = self.names();
        let item = |name: &String| format!("<li><a href=\"/{}/\">{}</a></li>\n", encoded(name), escape(name));
        let items: String = names.iter().map(item).collect();
        let body =
            if names.is_empty() { "<p>No results yet.</p>\n".to_owned() } else { format!("<ul>\n{items}</ul>\n") };
        plain(&format!("Results in {}", self.dir.display()), &body, &names.join("\n"))
    }

    /// The report of a folder as it is now; an error is a page, too, and goes when its cause does.
    fn page(&self, dir: &Path) -> String {
        // Whoever held it and panicked has changed nothing.
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let state = files(dir);
        match pages.get(dir) {
            Some((old, page)) if *old == state => page.clone(),
            _ => {
                let page = self.rendered(dir, &state).unwrap_or_else(|error| {
                    plain("No report yet", &format!("<p>{}</p>\n", escape(&format!("{error:#}"))), &state)
                });
                pages.insert(dir.to_owned(), (state, page.clone()));
                page
            }
        }
    }

    fn rendered(&self, dir: &Path, state: &str) -> Result<String> {
        if !dir.join("journal.jsonl").exists() {
            let above = format!("<p class=\"live\" role=\"status\">As its files are.</p>\n{}", reload(state));
            return report::page(&Results::read(dir)?, &above, self.lab);
        }
        let results = Results::so_far(dir, self.lab)?;
        let most = Study::load(&dir.join("study.toml"), self.lab)?.most();
        let done = results.trials.len();
        ensure!(done > 0, "none of at most {most} trials is done so far; this page shows the first that is");
        let above = format!(
            "<p class=\"live\" role=\"status\">{done} of at most {most} trials are done. This page follows the sweep.</p>\n{}",
            reload(state)
        );
        report::page(&results, &above, self.lab)
    }
}

fn is_study(dir: &Path) -> bool {
    dir.join("study.toml").is_file()
}

/// The lengths and times of the files that a report is a function of.
fn files(dir: &Path) -> String {
    let state = |name: &str| {
        let found = fs::metadata(dir.join(name)).ok();
        let time = found.as_ref().and_then(|m| m.modified().ok()?.duration_since(UNIX_EPOCH).ok());
        format!("{}-{}", found.map_or(0, |m| m.len()), time.map_or(0, |t| t.as_nanos()))
    };
    FILES.map(state).join(" ")
}

fn reload(state: &str) -> String {
    format!("<script data-state=\"{}\">\n{RELOAD}</script>\n", escape(state))
}

fn plain(title: &str, body: &str, state: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
         {body}</main>\n{script}</body>\n</html>\n",
        style = report::STYLE,
        script = reload(state),
    )
}

/// A path in an address: bytes that are no plain letters as `%XX`.
fn encoded(path: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => (b as char).to_string(),
        _ => format!("%{b:02X}"),
    };
    path.bytes().map(byte).collect()
}

/// Listens on this machine alone. Port 0 is any free one.
///
/// # Errors
/// If the port is taken or not allowed: which one, and what to do.
pub fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("cannot listen on 127.0.0.1:{port}; give another --port, or 0 for any free one"))
}
