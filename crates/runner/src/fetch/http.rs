//! One address to one file.

use anyhow::anyhow;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;
use ureq::http::header::{self, HeaderName};
use ureq::http::{Response, StatusCode};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Error};

/// Why a download failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// On this machine: another address would not help.
    Local(anyhow::Error),
    /// At that address.
    Remote(String),
}

/// An answer that was cut is asked for again so often.
const ATTEMPTS: u32 = 3;
const CONNECT: Duration = Duration::from_secs(20);
/// Without a byte for so long, a connection is given up.
const SILENCE: Duration = Duration::from_secs(60);
const REDIRECTS: u32 = 10;

/// Writes what the address holds into a file. If the file has the beginning already and `resume` says so, the rest is
/// asked for. More than `most` bytes are refused.
pub(super) fn download(url: &str, to: &Path, resume: bool, most: u64) -> Result<(), Fault> {
    let mut attempt = 1;
    loop {
        match once(url, to, resume, most) {
            Err(Cut::Again(_)) if attempt < ATTEMPTS => sleep(Duration::from_millis(200) * attempt.pow(2)),
            Err(Cut::Again(what) | Cut::Final(Fault::Remote(what))) => return Err(Fault::Remote(what)),
            Err(Cut::Final(fault)) => return Err(fault),
            Ok(()) => return Ok(()),
        }
        attempt += 1;
    }
}

/// Why one attempt failed.
enum Cut {
    /// Another may do better.
    Again(String),
    Final(Fault),
}

fn once(url: &str, to: &Path, resume: bool, most: u64) -> Result<(), Cut> {
    let local = |e: io::Error| Cut::Final(Fault::Local(anyhow!("cannot write {}: {e}", to.display())));
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(to).map_err(local)?;
    let before = file.metadata().map_err(local)?.len();
    let have = if resume { before } else { 0 };
    let mut request = agent(url).get(url);
    if have > 0 {
        request = request.header(header::RANGE, format!("bytes={have}-"));
    }
    let response = request.call().map_err(|e| match e {
        Error::Io(_) | Error::Timeout(_) | Error::Protocol(_) => Cut::Again(e.to_string()),
        Error::TooManyRedirects => remote(format!("redirected more than {REDIRECTS} times: a loop")),
        e => remote(e.to_string()),
    })?;
    let Some(start) = start(&response, have)? else {
        file.set_len(0).map_err(local)?;
        return Err(Cut::Again("the part of an earlier download does not fit".to_owned()));
    };
    if before > start {
        file.set_len(start).map_err(local)?;
    }
    file.seek(SeekFrom::Start(start)).map_err(local)?;
    let size = text(&response, header::CONTENT_LENGTH).and_then(|n| n.parse::<u64>().ok());
    let size = size.map(|size| size.saturating_add(start));
    let bar = bar(url, start, size);
    let (mut body, mut buffer, mut done) = (response.into_body().into_reader(), vec![0; 1 << 16], start);
    loop {
        if done.max(size.unwrap_or(0)) > most {
            file.set_len(0).map_err(local)?;
            return Err(remote(format!("more than {} MB, which is not the right file", most / 1_000_000)));
        }
        match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => file.write_all(&buffer[..n]).map_err(local).map(|()| done += n as u64)?,
            Err(e) => return Err(Cut::Again(format!("cut after {done} bytes: {e}"))),
        }
        bar.set_position(done);
    }
    bar.finish_and_clear();
    if size.is_some_and(|size| size != done) {
        return Err(Cut::Again(format!("cut after {done} bytes")));
    }
    file.sync_all().map_err(local)
}

fn remote(what: String) -> Cut {
    Cut::Final(Fault::Remote(what))
}

fn text(response: &Response<Body>, name: HeaderName) -> Option<&str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

/// Where an answer begins: at the first byte, or behind those that are here already; `None` if there is nothing behind
/// them.
fn start(response: &Response<Body>, have: u64) -> Result<Option<u64>, Cut> {
    let range = || text(response, header::CONTENT_RANGE).unwrap_or_default();
    match response.status() {
        StatusCode::OK => Ok(Some(0)),
        StatusCode::PARTIAL_CONTENT if range().starts_with(&format!("bytes {have}-")) => Ok(Some(have)),
        StatusCode::RANGE_NOT_SATISFIABLE => Ok(None),
        status if status.is_server_error() => Err(Cut::Again(format!("answers {status}"))),
        status => Err(remote(format!("answers {status}"))),
    }
}

fn agent(url: &str) -> Agent {
    Agent::config_builder()
        .user_agent(concat!("downhill/", env!("CARGO_PKG_VERSION")))
        // Where a secure address was given, no redirection may leave that.
        .https_only(url.starts_with("https:"))
        .http_status_as_error(false)
        .max_redirects(REDIRECTS)
        .timeout_connect(Some(CONNECT))
        .timeout_recv_response(Some(SILENCE))
        .timeout_per_read(Some(SILENCE))
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .build()
        .into()
}

/// How far it is, on a terminal; elsewhere a line.
fn bar(url: &str, start: u64, size: Option<u64>) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        eprintln!("fetching {url}{}", size.map_or(String::new(), |n| format!(" ({:.1} MB)", n as f64 / 1e6)));
        return ProgressBar::hidden();
    }
    let bar =
        size.map_or_else(ProgressBar::no_length, ProgressBar::new).with_position(start).with_message(url.to_owned());
    match ProgressStyle::with_template("[{bar:32}] {bytes} of {total_bytes}, {bytes_per_sec}  {msg}") {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}
