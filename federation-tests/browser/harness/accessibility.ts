import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const counted = ['serious', 'critical']

/** What axe-core finds on a screen that is serious or critical, in words. */
export async function findings(page: Page, options: RunOptions = {}): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await readFile(axeFile, 'utf8'))
  const results = await page.evaluate(
    (run): Promise<AxeResults> => Reflect.get(window, 'axe').run(document, run),
    { ...options, resultTypes: ['violations'] } satisfies RunOptions,
  )
  return results.violations
    .filter(({ impact }) => counted.includes(impact ?? ''))
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id} (${help}): ${html.slice(0, 200)}`))
}

/** Only what a theme changes. */
export const contrastOnly: RunOptions = { runOnly: { type: 'rule', values: ['color-contrast'] } }
