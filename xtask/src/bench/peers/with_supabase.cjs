// Loads the lists once with Supabase's sync engine; prints the seconds that took.
// Arguments: the address of the pages, and the database.

// Its migrations are found only by the CommonJS build.
const Stripe = require('stripe')
const { StripeSync, runMigrations } = require('@supabase/stripe-sync-engine')

async function load(address, database) {
  const { hostname: host, port } = new URL(address)
  await runMigrations({ databaseUrl: database, schema: 'stripe' })
  const sync = new StripeSync({
    stripeSecretKey: 'sk_live_bench',
    stripeWebhookSecret: 'whsec_bench',
    autoExpandLists: false,
    backfillRelatedEntities: false,
    poolConfig: { connectionString: database, max: 10, keepAlive: true },
  })
  // No option names another host.
  sync.stripe = new Stripe('sk_live_bench', { host, port, protocol: 'http', telemetry: false })
  const began = performance.now()
  for (const object of ['product', 'price', 'customer', 'subscription', 'invoice']) {
    await sync.syncBackfill({ object })
  }
  console.log(((performance.now() - began) / 1000).toFixed(3))
  await sync.close()
}

load(...process.argv.slice(2)).catch((error) => {
  console.error(error)
  process.exit(1)
})
