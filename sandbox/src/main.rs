//! The command line of the sandbox.

use std::error::Error;
use std::io::{self, Write as _};
use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand, ValueEnum};
use mrr_sandbox::chargebee::{self, Catalog};
use mrr_sandbox::hubspot;
use mrr_sandbox::stripe::{Falsehood, Ids, Listed, Manners, Webhook, serve};
use mrr_sandbox::summary::summary;
use mrr_sandbox::truth::{Names, Policy, Reducing, attributes_csv, blind_csv, contracts_csv, links_csv, truth_csv};
use mrr_sandbox::world::billed::System;
use mrr_sandbox::world::clock::{Horizon, Moment};
use mrr_sandbox::world::crm::Crm;
use mrr_sandbox::world::rates::history_csv;
use mrr_sandbox::world::{Company, Repertoire};
use tokio::signal::unix::{SignalKind, signal};

/// A simulated company, its true recurring revenue, and the APIs that show it.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the company as a vendor's API on 127.0.0.1 until SIGTERM or SIGINT.
    Serve(Box<Serve>),
    /// Print every account's true annual run rate on each local day on which it changes.
    Truth {
        #[command(flatten)]
        world: World,
        /// The IANA time zone whose days count.
        #[arg(long, default_value = "UTC")]
        time_zone: Tz,
        #[arg(long, value_enum, default_value = "csv")]
        format: Format,
        /// Print the spans in which the truth can't be known from invoices and the present state instead.
        #[arg(long)]
        blind: bool,
        /// Print what the company's CRM should come to instead.
        #[arg(long, value_enum, value_name = "WHAT")]
        crm: Option<Noted>,
        #[command(flatten)]
        policy: PolicyArgs,
    },
    /// Print euro reference rates in the layout of the European Central Bank's history.
    Rates {
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[arg(long, default_value_t = 36, value_parser = clap::value_parser!(u32).range(1..=240))]
        months: u32,
        #[arg(long, value_enum, default_value = "plain")]
        repertoire: Repertoire,
        #[arg(long, value_enum, default_value = "csv")]
        format: Format,
    },
    /// Print what the world holds, in numbers.
    Summary {
        #[command(flatten)]
        world: World,
    },
}

/// What a CRM tells.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Noted {
    /// Attributes of companies on days.
    Attributes,
    /// Which customers in billing are whose.
    Links,
    /// The annual run rate that was signed for.
    Contracts,
}

/// What counts, where that is otherwise than by default.
#[derive(Args)]
struct PolicyArgs {
    /// Which coupons reduce a rate.
    #[arg(long, value_enum, default_value = "running")]
    discounts: Reducing,
    /// Count trials.
    #[arg(long)]
    trials: bool,
    /// Count what is paused.
    #[arg(long)]
    paused: bool,
    /// Don't count what is past due.
    #[arg(long)]
    no_past_due: bool,
    /// End it on the day on which the end is asked for.
    #[arg(long)]
    no_ending: bool,
    /// End it on the day on which all that was paid for its last period is given back, where it does end.
    #[arg(long)]
    no_refunded: bool,
    /// Count the bills for usage, each over three months or its price's own interval where that is longer.
    #[arg(long)]
    usage: bool,
}

impl From<PolicyArgs> for Policy {
    fn from(args: PolicyArgs) -> Self {
        let PolicyArgs { discounts, trials, paused, no_past_due, no_ending, no_refunded, usage } = args;
        Self {
            reducing: discounts,
            trials,
            paused,
            past_due: !no_past_due,
            ending: !no_ending,
            refunded: !no_refunded,
            usage,
        }
    }
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    world: World,
    /// Whose API it is.
    #[arg(long, value_enum, default_value = "stripe")]
    face: Face,
    /// 0 takes any free port.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The key that clients must send.
    #[arg(long, default_value = "sk_test_sandbox")]
    key: String,
    /// Refuse every so many requests with 429; 0 for never.
    #[arg(long, default_value_t = 0)]
    rate_limit_every: u64,
    /// Refuse what is listed under this name, such as refunds, as to a key without the permission.
    #[arg(long, value_name = "NOUN")]
    forbid: Vec<String>,
    /// Let every answer wait.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// Show something untrue on purpose.
    #[arg(long, value_enum)]
    falsify: Option<Falsehood>,
    /// The month or day, such as 2025-06 or 2025-06-17, at whose beginning virtual now stands, also before the company
    /// opened; `POST /_sandbox/advance?to=UNIX` moves it on.
    #[arg(long, value_parser = beginning)]
    from: Option<Moment>,
    /// The API version in which events are listed, or `mixed`.
    #[arg(long, default_value_t, value_name = "VERSION")]
    events_api_version: Listed,
    #[command(flatten)]
    webhook: Webhook,
    /// Chargebee's product catalog.
    #[arg(long, value_enum, default_value = "v2")]
    catalog: Catalog,
    /// For how many days Chargebee's events can be listed; all of them without it.
    #[arg(long, value_name = "DAYS")]
    events_kept: Option<i64>,
    /// Let half of the customers in billing name their company in the CRM.
    #[arg(long)]
    crm: bool,
    /// Which of HubSpot's limits a refusal speaks of; of `daily`, all requests of a day behind so many are refused.
    #[arg(long, value_enum, default_value = "ten-secondly")]
    rate_limit_policy: hubspot::Policy,
    /// By how many seconds at most HubSpot's searches are behind.
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    search_lag: u64,
    /// Let HubSpot's searches come out of order as far as the last five minutes go.
    #[arg(long)]
    search_unordered: bool,
}

/// Whose API is served.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Face {
    Stripe,
    Chargebee,
    Hubspot,
}

#[derive(Args)]
struct World {
    /// What all randomness comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many customers sign up.
    #[arg(long, default_value_t = 300)]
    accounts: u32,
    /// How long ago the company opened.
    #[arg(long, default_value_t = 36, value_parser = clap::value_parser!(u32).range(1..=240))]
    months: u32,
    /// What may happen in it.
    #[arg(long, value_enum, default_value = "plain")]
    repertoire: Repertoire,
    /// Where its customers are billed.
    #[arg(long, value_enum, default_value = "each")]
    billed_in: BilledIn,
}

/// Which billing systems have which customers.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BilledIn {
    /// Stripe and Chargebee each show all of them.
    Each,
    /// A customer is in Stripe or in Chargebee, and some move from the one to the other.
    Split,
}

impl World {
    fn simulate(&self) -> Company {
        let mut company = Company::simulate_with(self.seed, self.accounts, self.months, self.repertoire);
        if self.billed_in == BilledIn::Split {
            company.bill_in_two();
        }
        company
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Csv,
}

/// The first second of a month or day that is not after the last now.
fn beginning(month: &str) -> Result<Moment, String> {
    let day = month.parse().or_else(|_| format!("{month}-01").parse());
    let first: NaiveDate = day.map_err(|_| format!("{month} is no month such as 2025-06 and no day"))?;
    let moment = Moment(first.and_time(NaiveTime::MIN).and_utc().timestamp());
    if moment <= Horizon::NOW { Ok(moment) } else { Err(format!("{month} is after the world's end")) }
}

fn main() -> Result<(), Box<dyn Error>> {
    match Cli::parse().command {
        Command::Serve(args) => run_server(*args),
        Command::Truth { world, time_zone, format: Format::Csv, blind, crm, policy } => {
            let company = world.simulate();
            if let Some(noted) = crm {
                return print(&noted.csv(&company, time_zone));
            }
            let (ids, billed) = (Ids::of(&company), company.into_billed());
            let named = billed.accounts.iter().map(|account| (ids.customer(account.number), account));
            if blind {
                return print(&blind_csv(named, &billed.catalogue, time_zone));
            }
            print(&truth_csv(named, &billed.catalogue, time_zone, &policy.into()))
        }
        Command::Rates { seed, months, repertoire, format: Format::Csv } => {
            print(&history_csv(seed, Horizon::of_months(months), repertoire))
        }
        Command::Summary { world } => print(&summary(&world.simulate())),
    }
}

impl Noted {
    fn csv(self, company: &Company, zone: Tz) -> String {
        let (crm, customers) = (Crm::of(company), Ids::of(company));
        let names = Names {
            company: &|firm| hubspot::Ids.company(firm).to_string(),
            owner: &|member| hubspot::Ids.owner_name(&crm.team, member),
            customer: &|number| customers.customer(number),
            system: &|system| match system {
                System::Older => "stripe",
                System::Newer => "chargebee",
            },
        };
        match self {
            Self::Attributes => attributes_csv(&crm, &names, Horizon::NOW, zone),
            Self::Links => links_csv(company, &crm, &names),
            Self::Contracts => contracts_csv(&crm, &names, Horizon::NOW, zone),
        }
    }
}

fn print(text: &str) -> Result<(), Box<dyn Error>> {
    match io::stdout().write_all(text.as_bytes()) {
        // A reader such as `head` has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

#[tokio::main]
async fn run_server(args: Serve) -> Result<(), Box<dyn Error>> {
    let mut company = args.world.simulate();
    if args.crm {
        hubspot::note_in_billing(&mut company);
    }
    let from = args.from.unwrap_or(Horizon::NOW);
    if args.face == Face::Chargebee {
        let manners = chargebee::Manners {
            key: args.key,
            rate_limit_every: args.rate_limit_every,
            forbidden: args.forbid,
            latency: Duration::from_millis(args.latency_ms),
            webhook: args.webhook,
            catalog: args.catalog,
            events_kept: args.events_kept,
        };
        return Ok(chargebee::serve(&company.billed_in(System::Newer), from, manners, args.port, until_told()?).await?);
    }
    if args.face == Face::Hubspot {
        let manners = hubspot::Manners {
            key: args.key,
            rate_limit_every: args.rate_limit_every,
            forbidden: args.forbid,
            latency: Duration::from_millis(args.latency_ms),
            rate_limit_policy: args.rate_limit_policy,
            search_lag: args.search_lag,
            search_unordered: args.search_unordered,
            webhook: args.webhook,
        };
        return Ok(hubspot::serve(company, from, manners, args.port, until_told()?).await?);
    }
    let manners = Manners {
        key: args.key,
        rate_limit_every: args.rate_limit_every,
        forbidden: args.forbid,
        latency: Duration::from_millis(args.latency_ms),
        events_version: args.events_api_version,
        webhook: args.webhook,
        // The plain world is what it always was, and the worked examples are what they say.
        test_clock: args.world.repertoire == Repertoire::Full,
    };
    Ok(serve(company.billed_in(System::Older), args.falsify, from, manners, args.port, until_told()?).await?)
}

/// Ends with SIGTERM or SIGINT.
fn until_told() -> Result<impl Future<Output = ()> + Send + 'static, Box<dyn Error>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
