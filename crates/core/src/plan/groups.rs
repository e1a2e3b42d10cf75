//! How the groups of a pass come about: records taken as one, what becomes of their amounts, or look-ups.

use super::model::{
    BundlePlan, ConditionPlan, ConvertPlan, FeePlan, FeeRate, FieldIndex, Grouping, KeyPlan, ONE,
    PaymentPlan, Side, TestPlan, VariancePlan,
};
use super::names::quoted;
use super::passes::Resolver;
use crate::spec::{Cardinality, ConvertSpec, FeePer, FeeSpec, FieldKind, Sign, SumSpec, Tolerance};

impl Resolver<'_> {
    /// How the groups come about; the tolerance of the sums becomes a condition, the last.
    pub(super) fn grouping(&mut self, conditions: &mut Vec<ConditionPlan>) -> Grouping {
        let spec = self.pass.spec;
        let many = Side::BOTH.map(|side| spec.cardinality.has_many(side));
        if spec.cardinality == Cardinality::Cluster {
            return Grouping::Cluster;
        }
        let has_terms = spec.partial || spec.sum.as_ref().is_some_and(SumSpec::has_terms);
        if many == [false, false] && !has_terms {
            return Grouping::Pairs;
        }
        if many != [false, false] && spec.group_by.is_none() {
            return Grouping::Lookup;
        }
        let by = Side::BOTH.map(|side| many[side.index()].then(|| self.pass.group_by[side.index()].clone()));
        let mut sum = None;
        if let Some(given) = &spec.sum {
            let path = format!("{}.sum", self.pass.path);
            if let Some((left, right)) = self.pass.sum.or(self.context.tie_out.map(|field| (field, field))) {
                let mut within = self.within(&given.within, given.sign, format!("{path}.within"));
                within.payment = self.payment(given, &path);
                sum = Some(conditions.len());
                let (test, weight) = (TestPlan::Within(within), u64::from(ONE));
                conditions.push(ConditionPlan {
                    left,
                    right,
                    test,
                    required: true,
                    weight,
                    nulls_equal: false,
                });
            } else if given.fields.is_none() {
                let expected =
                    "an amount to sum: map a field named amount on both sides, or name one in sum.field";
                self.report.refuse("missing", &path, "a sum without an amount", expected);
            }
        }
        let fees = spec.sum.iter().flat_map(|sum| sum.fee.iter().enumerate());
        let fees = fees.map(|(at, fee)| self.fee(fee, at)).collect();
        let convert = self.convert();
        let mut by = by;
        if let (Some(_), Some(currency)) = (&convert, self.context.currency) {
            // A sum has one currency.
            for fields in by.iter_mut().flatten().filter(|fields| !fields.contains(&currency)) {
                fields.push(currency);
            }
        }
        let (conditions, partial) = (spec.conditions, spec.partial);
        Grouping::Bundles(BundlePlan { by, sum, conditions, fees, convert, partial })
    }

    /// Whom a record is taken in part for, the amount can't tell.
    pub(super) fn refuse_unnamed(&mut self, key: &[KeyPlan], conditions: &[ConditionPlan]) {
        let named = |field: FieldIndex| {
            self.context.currency != Some(field)
                && !matches!(self.context.kinds[field], FieldKind::Date | FieldKind::Amount)
        };
        let by_key = key.iter().any(|key| named(key.left));
        let by_values = conditions
            .iter()
            .any(|one| one.required && matches!(one.test, TestPlan::Equals | TestPlan::Occurs(_)));
        if !by_key && !by_values {
            let expected =
                "an equality, or `occurs`, that says which records belong together, such as \"invoice\"";
            let path = format!("{}.partial", self.pass.path);
            self.report.refuse("conflict", &path, "nothing but amounts and dates", expected);
        }
    }

    /// How much more or less than is due may be paid. A percentage is of what is due.
    fn payment(&mut self, sum: &SumSpec, path: &str) -> Option<Box<PaymentPlan>> {
        let in_parts = self.pass.spec.partial;
        if !sum.has_payment() && !in_parts {
            return None;
        }
        let many = Side::BOTH.map(|side| self.pass.spec.cardinality.has_many(side));
        let paid = sum.paid.unwrap_or(if many == [false, true] { Side::Left } else { Side::Right });
        let mut beyond = |tolerance: &Option<Tolerance>, key: &str| {
            let due = Tolerance { of: Some(paid.other()), ..tolerance.clone()? };
            Some(self.within(&due, sum.sign, format!("{path}.{key}")))
        };
        let short_pay = beyond(&sum.short_pay, "short_pay");
        let discount = beyond(&sum.discount, "discount");
        let overpay = beyond(&sum.overpay, "overpay");
        Some(Box::new(PaymentPlan { paid, short_pay, discount, overpay, in_parts }))
    }

    fn convert(&mut self) -> Option<ConvertPlan> {
        let sum = self.pass.spec.sum.as_ref()?;
        let convert = sum.convert.as_ref()?;
        let (rate, side) = self.pass.rate?;
        let path = format!("{}.sum.convert", self.pass.path);
        let to = convert.to.as_ref().and_then(|to| {
            let other =
                self.context.currency.filter(|field| self.context.catalog.drafts[*field].has(side.other()));
            if other.is_none() {
                let expected = "a field named currency on the side that is converted to, or no `to`";
                self.report.refuse("missing", &format!("{path}.to"), quoted(to), expected);
            }
            other.map(|field| (field, to.clone()))
        });
        if sum.fee.iter().any(|fee| fee.per == FeePer::Group && fee.side.unwrap_or(side) == side) {
            let expected = "fees of every record on the side that is converted (per = \"record\", or `each`)";
            self.report.refuse("conflict", &path, "a fee of the group beside it", expected);
        }
        let ConvertSpec { divide, per, round, digits, .. } = *convert;
        Some(ConvertPlan { path, side, rate, divide, to, per, round, digits })
    }

    fn fee(&self, fee: &FeeSpec, at: usize) -> FeePlan {
        let spec = self.pass.spec;
        let many = Side::BOTH.map(|side| spec.cardinality.has_many(side));
        let side = fee.side.unwrap_or(if many == [false, true] { Side::Right } else { Side::Left });
        let rates = match fee.tiers.as_slice() {
            [] => vec![FeeRate { up_to: None, percent: fee.percent, fixed: fee.fixed }],
            tiers => tiers
                .iter()
                .map(|tier| FeeRate { up_to: tier.up_to, percent: tier.percent, fixed: tier.fixed })
                .collect(),
        };
        let several = spec.sum.as_ref().is_some_and(|sum| sum.fee.len() > 1);
        let place = if several { format!("[{at}]") } else { String::new() };
        FeePlan {
            path: format!("{}.sum.fee{place}", self.pass.path),
            side,
            per: fee.per,
            base: fee.of,
            negative: fee.negative,
            round: fee.round,
            digits: fee.digits,
            rates,
        }
    }

    /// The sums, or those of what is tied out where they are not compared.
    pub(super) fn summed(
        &mut self,
        bundles: &BundlePlan,
        key: &[KeyPlan],
        conditions: &[ConditionPlan],
    ) -> Option<VariancePlan> {
        let compared = bundles.sum.and_then(|at| conditions.get(at)).and_then(|one| match &one.test {
            TestPlan::Within(within) => {
                Some(VariancePlan { left: one.left, right: one.right, sign: within.sign })
            }
            _ => None,
        });
        let tied =
            || self.context.tie_out.map(|field| VariancePlan { left: field, right: field, sign: Sign::Same });
        let summed = compared.or_else(tied);
        self.refuse_summed(key, conditions, summed);
        summed
    }

    /// What is summed can't be compared record by record as well.
    fn refuse_summed(
        &mut self,
        key: &[KeyPlan],
        conditions: &[ConditionPlan],
        variance: Option<VariancePlan>,
    ) {
        let Some(variance) = variance else { return };
        let own = self.pass.spec.sum.is_some();
        let summed =
            |(left, right): (FieldIndex, FieldIndex)| left == variance.left || right == variance.right;
        let keys = key.iter().map(|one| (one.left, one.right)).filter(|fields| summed(*fields)).count();
        let others =
            conditions.iter().map(|one| (one.left, one.right)).filter(|fields| summed(*fields)).count();
        if keys + others > usize::from(own) {
            let name = &self.context.catalog.drafts[variance.left].name;
            let given = format!("{} of single records, which this pass sums", quoted(name));
            let expected = "sum = { within = \"0.00\" } for the sums, or no group_by";
            self.report.refuse("conflict", &format!("{}.on", self.pass.path), given, expected);
        }
    }
}
