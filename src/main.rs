//! The server's entry: read the configuration, open the store, start the jobs, serve.

use clap::{Args, Parser, Subcommand};
use rapport::{
    exchange::import::{self, Options, Outcome},
    server::{
        clock::{Clock, SystemClock},
        config::Config,
        control::{Door, NewUser},
        db::{Db, DbError},
        demo, serve, telemetry,
    },
};
use std::{error::Error, io::BufRead, path::PathBuf, process::ExitCode, sync::Arc};

/// Guest recognition for hotels.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// Settings file (TOML). Variables RAPPORT_* win over it.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the house.
    Serve {
        /// Loads the demo house if the store is empty.
        #[arg(long)]
        demo: bool,
    },
    /// Loads the demo house into an empty store.
    Demo,
    /// Imports an export of the hotel's property management system.
    Import(ImportArgs),
    /// Looks after the staff.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
}

#[derive(Args)]
struct ImportArgs {
    /// The export, CSV.
    file: PathBuf,
    /// Makes a house for each property code that is not known yet.
    #[arg(long)]
    new_houses: bool,
    /// Where the rejected rows are written. Default: beside the export.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Adds a member of staff. The password is read from the first line of standard input.
    Add {
        /// Name typed at sign-in.
        #[arg(long)]
        login: String,
        /// Name that colleagues see.
        #[arg(long)]
        name: String,
        /// reception, floor, host, concierge, marketing, manager or admin.
        #[arg(long)]
        role: String,
        /// Code of the house, where there is more than one.
        #[arg(long)]
        house: Option<String>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rapport: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Box<dyn Error>> {
    let config = Config::load(cli.config.as_deref())?;
    telemetry::start(&config);
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    match cli.command {
        Command::Serve { demo } => serve::serve(config, demo).await?,
        Command::Demo => {
            let db = Db::open(&config).await?;
            demo::load(&db, Arc::new(SystemClock)).await?;
            println!("{}", demo::sign_ins());
        }
        Command::Import(args) => import_file(&config, args).await?,
        Command::User { command: UserCommand::Add { login, name, role, house } } => {
            let mut password = String::new();
            eprintln!("Password (read from standard input):");
            std::io::stdin().lock().read_line(&mut password)?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            add_user(&config, NewUser { login, name, role, password, house }).await?;
        }
    }
    Ok(())
}

async fn import_file(config: &Config, args: ImportArgs) -> Result<(), Box<dyn Error>> {
    let name = args.file.file_name().map_or_else(|| "export".to_owned(), |name| name.to_string_lossy().into_owned());
    let outcome: Outcome = match Db::open(config).await {
        Ok(db) => {
            let source = std::fs::File::open(&args.file)
                .map_err(|error| format!("cannot read {}: {error}", args.file.display()))?;
            let options = Options { file: name, by: "command".to_owned(), house: None, new_houses: args.new_houses };
            let clock: Arc<dyn Clock> = Arc::new(SystemClock);
            import::run(&db, clock, options, std::io::BufReader::new(source)).await?
        }
        Err(DbError::InUse(_)) => {
            let body =
                std::fs::read(&args.file).map_err(|error| format!("cannot read {}: {error}", args.file.display()))?;
            let path = format!("/control/import?file={}&new_houses={}", encode(&name), args.new_houses);
            let answer = ask_server(config, &path, "text/csv", body).await?;
            serde_json::from_slice(&answer)?
        }
        Err(other) => return Err(other.into()),
    };
    if !outcome.report.is_empty() {
        let report = args.report.unwrap_or_else(|| args.file.with_extension("rejected.csv"));
        std::fs::write(&report, &outcome.report)?;
        println!("Rejected rows are listed in {}", report.display());
    }
    let rows = outcome.counts.rows;
    let per_second = rows.saturating_mul(1000).checked_div(outcome.millis).unwrap_or(rows);
    println!("{rows} rows in {:.1} s, {per_second} rows per second", outcome.millis as f64 / 1000.0);
    println!("{}", outcome.counts);
    Ok(())
}

async fn add_user(config: &Config, new: NewUser) -> Result<(), Box<dyn Error>> {
    let login = new.login.clone();
    match Db::open(config).await {
        Ok(db) => new.add(&db).await?,
        Err(DbError::InUse(_)) => {
            ask_server(config, "/control/users", "application/json", serde_json::to_vec(&new)?).await?;
        }
        Err(other) => return Err(other.into()),
    }
    println!("{login} can sign in now.");
    Ok(())
}

/// Hands work to the server that holds the embedded store.
async fn ask_server(config: &Config, path: &str, kind: &str, body: Vec<u8>) -> Result<Vec<u8>, Box<dyn Error>> {
    let door = Door::find(config).ok_or("the store is in use, but not by a server that can be asked")?;
    let answer = reqwest::Client::new()
        .post(format!("http://{}{path}", door.addr))
        .bearer_auth(door.token)
        .header("content-type", kind)
        .body(body)
        .send()
        .await?;
    let status = answer.status();
    let bytes = answer.bytes().await?;
    if status.is_success() {
        return Ok(bytes.to_vec());
    }
    Err(String::from_utf8_lossy(&bytes).into_owned().into())
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => (byte as char).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
