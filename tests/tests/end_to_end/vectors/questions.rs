//! Questions in SQL, each with the answer that it must give.

use mrr_tests::Database;

/// Questions that are asked together.
#[derive(Default)]
pub struct Questions(Vec<Question>);

struct Question {
    case: String,
    sql: String,
    answer: String,
}

impl Questions {
    /// A query of one row and one column.
    pub fn ask(&mut self, case: &str, sql: &str, answer: &str) {
        self.0.push(Question { case: case.into(), sql: sql.into(), answer: answer.into() });
    }

    /// The MRR of the case at the end of each day, in euro.
    pub fn mrr(&mut self, case: &str, answers: &[(&str, &str)]) {
        for (day, answer) in answers {
            self.ask(case, &format!("select mrr_at('{day}', 'plan:\"{case}\"')"), answer);
        }
    }

    /// The movements of the case in one day, month, quarter or year, without what is 0.
    pub fn movements(&mut self, case: &str, (from, until): (&str, &str), answer: &str) {
        let kinds =
            ["opening", "new", "reactivation", "expansion", "contraction", "churn", "fx", "transfer", "closing"];
        let parts = kinds.map(|kind| format!("case when {kind} <> 0 then '{kind} ' || {kind} end")).join(", ");
        let days = format!("date '{until}' - date '{from}'");
        let grain = format!("(array['day', 'month', 'quarter', 'year'])[1 + width_bucket({days}, array[2, 32, 93])]");
        let sql = format!(
            "select concat_ws(', ', {parts}) from mrr_movements('{from}', '{until}', {grain}, 'plan:\"{case}\"')"
        );
        self.ask(case, &sql, answer);
    }

    /// A metric of the case over a period: `nrr`, `grr`, `gross_churn`, `net_churn`, `logo_churn`, `lifetime` or
    /// `quick_ratio`.
    pub fn ratio(&mut self, metric: &str, case: &str, (from, until): (&str, &str), answer: &str) {
        self.ask(case, &format!("select trim_scale({metric}('plan:\"{case}\"', '[{from},{until})'))"), answer);
    }

    /// What the customer of that name has at the end of a day, in its own currency: MRR and, where it is more, MRR
    /// before discounts.
    pub fn account(&mut self, name: &str, day: &str, answer: &str) {
        let sql = format!(
            "select mrr || ' ' || currency_code || case when gross_mrr <> mrr then ' of ' || gross_mrr else '' end
               from account_mrr('{day}', 'all', 'own') where name = '{name}'"
        );
        self.ask(name, &sql, answer);
    }

    /// Each item of the customer at the end of a day, by `show`, the largest first.
    pub fn items(&mut self, name: &str, day: &str, show: &str, answer: &str) {
        let sql = format!(
            "select string_agg(trim_scale({show})::text || ' ' || e.plan, ', ' order by {show} desc, e.plan)
               from revenue.account a cross join mrr_explain(a.id, '{day}') e where a.name = '{name}'"
        );
        self.ask(name, &sql, answer);
    }

    /// What the newest versions of the customer's records say, so that nobody takes a case for seen that the source
    /// never showed: an aggregate over `payload`.
    pub fn records(&mut self, name: &str, stream: &str, aggregate: &str, answer: &str) {
        let sql = format!(
            "select {aggregate} from (
               select distinct on (r.id) r.payload from raw.record r join revenue.account a on a.id = r.account
                where a.name like '{name}' and r.stream = '{stream}' order by r.id, r.version desc) newest"
        );
        self.ask(name, &sql, answer);
    }

    /// Leaves out what is asked of a case.
    pub fn without(mut self, case: &str) -> Self {
        let before = self.0.len();
        self.0.retain(|question| question.case != case);
        assert!(self.0.len() < before, "nothing is asked of {case}");
        self
    }

    /// Asks, and says which answers are wrong.
    #[track_caller]
    pub fn check(self, database: &Database<'_>) {
        let script: String = self.0.iter().map(|q| format!("select coalesce(({})::text, 'null');\n", q.sql)).collect();
        let printed = database.run(&script).unwrap();
        let found: Vec<&str> = printed.split('\n').collect();
        assert_eq!(found.len(), self.0.len(), "an answer is no single line:\n{printed}");
        let wrong = self.0.iter().zip(found).filter(|(question, found)| question.answer != **found);
        let wrong: Vec<String> = wrong
            .map(|(Question { case, sql, answer }, found)| {
                format!("{case}: expected `{answer}`, found `{found}`\n  {sql}")
            })
            .collect();
        assert!(wrong.is_empty(), "{} of {} answers are wrong\n{}", wrong.len(), self.0.len(), wrong.join("\n"));
    }
}
