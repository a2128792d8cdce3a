//! As much of HTTP/1.1 (RFC 9112) as pages for one reader on this machine need: GET and HEAD, one request a connection.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The longest head of a request, in bytes.
const LONGEST: usize = 16 * 1024;
/// Whoever takes longer to ask is not heard, and whoever takes longer to read on is left.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is asked for.
#[derive(Debug, PartialEq)]
pub(super) struct Request {
    /// Decoded, without a query.
    pub(super) path: String,
    /// Whether only the head of the answer is wanted.
    head: bool,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    Moved,
    Wrong,
    Forbidden,
    NotFound,
    NotAllowed,
}

impl Status {
    fn line(self) -> &'static str {
        match self {
            Status::Ok => "200 OK",
            Status::Moved => "308 Permanent Redirect",
            Status::Wrong => "400 Bad Request",
            Status::Forbidden => "403 Forbidden",
            Status::NotFound => "404 Not Found",
            Status::NotAllowed => "405 Method Not Allowed\r\nAllow: GET, HEAD",
        }
    }
}

/// What is answered.
pub(super) struct Answer {
    status: Status,
    kind: &'static str,
    location: Option<String>,
    body: String,
}

impl Answer {
    pub(super) fn html(body: String) -> Self {
        Answer { status: Status::Ok, kind: "text/html", location: None, body }
    }
    pub(super) fn text(status: Status, body: &str) -> Self {
        Answer { status, kind: "text/plain", location: None, body: body.to_owned() }
    }
    pub(super) fn moved(to: &str) -> Self {
        Answer { location: Some(to.to_owned()), ..Answer::text(Status::Moved, "") }
    }

    /// With headers that keep the page from loading anything else, and others from showing it in a frame.
    fn bytes(&self, head: bool) -> Vec<u8> {
        let location = self.location.as_ref().map(|to| format!("Location: {to}\r\n")).unwrap_or_default();
        let text = format!(
            "HTTP/1.1 {}\r\nContent-Type: {}; charset=utf-8\r\nContent-Length: {}\r\n{location}\
             Cache-Control: no-store\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n\
             Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; \
             script-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'\r\n\r\n{}",
            self.status.line(),
            self.kind,
            self.body.len(),
            if head { "" } else { &self.body }
        );
        text.into_bytes()
    }
}

/// Reads one request and answers it. Nothing is said to a connection that breaks.
pub(super) fn answer(mut stream: TcpStream, port: u16, find: impl FnOnce(&Request) -> Answer) {
    drop(stream.set_write_timeout(Some(PATIENCE)));
    let Some(head) = head(&mut stream) else { return };
    let (only_head, answer) = match Request::parse(&head, port) {
        Ok(request) => (request.head, find(&request)),
        Err(answer) => (false, answer),
    };
    drop(stream.write_all(&answer.bytes(only_head)));
}

/// The bytes before the first empty line; none if they do not come in time.
fn head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (begun, mut bytes, mut buffer) = (Instant::now(), Vec::new(), [0; 2048]);
    loop {
        let left = PATIENCE.checked_sub(begun.elapsed()).filter(|left| !left.is_zero())?;
        stream.set_read_timeout(Some(left)).ok()?;
        match stream.read(&mut buffer).ok()? {
            0 => return None,
            n => bytes.extend_from_slice(&buffer[..n]),
        }
        if bytes.windows(4).any(|w| w == b"\r\n\r\n") || bytes.len() > LONGEST {
            return Some(bytes);
        }
    }
}

impl Request {
    /// From the head of a request. `Host` must name this machine: a page of a foreign name that was made to point here
    /// (DNS rebinding) is told nothing.
    fn parse(head: &[u8], port: u16) -> Result<Self, Answer> {
        let wrong = |what: &str| Answer::text(Status::Wrong, &format!("{what}\n"));
        if head.len() > LONGEST {
            return Err(wrong("The request is too long."));
        }
        let text = std::str::from_utf8(head).map_err(|_| wrong("The request is no text."))?;
        let mut lines = text.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (method, target, version) = (words.next(), words.next(), words.next());
        let (Some(method), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) = (method, target, version, words.next())
        else {
            return Err(wrong("The first line is no HTTP request."));
        };
        let hosts: Vec<&str> = lines
            .filter_map(|line| line.split_once(':'))
            .filter(|(name, _)| name.eq_ignore_ascii_case("host"))
            .map(|(_, value)| value.trim())
            .collect();
        let here = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{port}"));
        if !matches!(hosts[..], [host] if here.iter().any(|h| h.eq_ignore_ascii_case(host))) {
            return Err(Answer::text(Status::Forbidden, &format!("Ask for http://{}/ by that name.\n", here[0])));
        }
        if !matches!(method, "GET" | "HEAD") {
            return Err(Answer::text(Status::NotAllowed, "Only GET and HEAD are answered.\n"));
        }
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let path = decoded(path).filter(|p| p.starts_with('/')).ok_or_else(|| wrong("The path is no path."))?;
        Ok(Request { path, head: method == "HEAD" })
    }
}

/// With `%XX` as bytes; none if that is no text.
fn decoded(path: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), path.bytes());
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |b: Option<u8>| (b? as char).to_digit(16);
        bytes.push((16 * digit(rest.next())? + digit(rest.next())?) as u8);
    }
    String::from_utf8(bytes).ok()
}
