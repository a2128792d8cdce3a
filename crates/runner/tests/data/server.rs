//! A server on this machine that answers as it is told.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What is asked.
pub struct Request {
    pub path: String,
    /// The first byte that is wanted, 0 of all.
    pub from: usize,
    /// How often the same path was asked for before.
    pub before: usize,
}

/// What is answered.
pub struct Reply {
    pub status: &'static str,
    pub headers: String,
    pub body: Vec<u8>,
    /// After so many bytes of the body the connection is closed.
    pub cut: usize,
}

impl Reply {
    pub fn status(status: &'static str) -> Self {
        Reply { status, headers: "Content-Length: 0\r\n".into(), body: vec![], cut: usize::MAX }
    }
    pub fn all(body: &[u8]) -> Self {
        let headers = format!("Content-Length: {}\r\n", body.len());
        Reply { status: "200 OK", headers, body: body.to_vec(), cut: usize::MAX }
    }
    /// The rest, if a rest is asked for.
    pub fn rest(body: &[u8], request: &Request) -> Self {
        let rest = Reply::all(body.get(request.from..).unwrap_or_default());
        match request.from {
            0 => rest,
            from if from < body.len() => {
                let range = format!("Content-Range: bytes {from}-{}/{}\r\n", body.len() - 1, body.len());
                Reply { status: "206 Partial Content", headers: rest.headers.clone() + &range, ..rest }
            }
            _ => Reply::status("416 Range Not Satisfiable"),
        }
    }
    pub fn to(place: &str) -> Self {
        Reply { headers: format!("Location: {place}\r\nContent-Length: 0\r\n"), ..Reply::status("302 Found") }
    }
    pub fn cut(self, cut: usize) -> Self {
        Reply { cut, ..self }
    }
}

pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn new(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (asked.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, answer) = (log.clone(), answer.clone());
                thread::spawn(move || drop(serve(stream.unwrap(), &log, &*answer)));
            }
        });
        Server { url, asked }
    }
    /// `PATH` or `PATH from N`, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<String>>, answer: &dyn Fn(&Request) -> Reply) -> std::io::Result<()> {
    let lines = BufReader::new(stream.try_clone()?).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let lines: Vec<String> = lines.collect();
    let path = lines[0].split(' ').nth(1).unwrap().to_owned();
    let range = lines.iter().find_map(|line| line.to_lowercase().strip_prefix("range: bytes=").map(str::to_owned));
    let from = range.map_or(0, |range| range.trim_end_matches('-').parse().unwrap());
    let request = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|line| line.split(' ').next() == Some(&path)).count();
        log.push(if from == 0 { path.clone() } else { format!("{path} from {from}") });
        Request { path, from, before }
    };
    let Reply { status, headers, body, cut } = answer(&request);
    write!(stream, "HTTP/1.1 {status}\r\n{headers}Connection: close\r\n\r\n")?;
    stream.write_all(&body[..cut.min(body.len())])
}
