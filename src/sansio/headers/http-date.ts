const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * A moment as HTTP writes it (RFC 9110 section 5.6.7, IMF-fixdate).
 *
 * @param ms milliseconds since 1970, from then up to the year 9999; parts of a second are cut off
 * @example formatHttpDate(784111777000) // 'Sun, 06 Nov 1994 08:49:37 GMT'
 */
export function formatHttpDate(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const day = Math.floor(seconds / 86_400)
  const second = seconds % 86_400
  const [year, month, date] = civil(day)
  const time = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60].map(twoDigits).join(':')
  return `${days[(day + 4) % 7]}, ${twoDigits(date)} ${months[month]} ${String(year).padStart(4, '0')} ${time} GMT`
}

/**
 * A moment as HTTP may write it, in each of the three forms of RFC 9110 section 5.6.7. The two-digit year of the oldest
 * form is one from 1970 to 2069: no file here is older.
 *
 * @returns milliseconds since 1970; undefined for anything that is no such date
 * @example parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT') // 784111777000
 */
export function parseHttpDate(text: string): number | undefined {
  const found = forms.map(form => form.exec(text)?.groups).find(groups => groups !== undefined)
  if (!found) return undefined
  const { year = '', month = '', date = '', hour, minute, second } = found
  const named = months.indexOf(month)
  const full = year.length === 4 ? Number(year) : Number(year) + (Number(year) < 70 ? 2000 : 1900)
  const day = full < 1970 || named < 0 ? -1 : dayOf(full, named, Number(date))
  // A leap second is the one after it.
  if (day < 0 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined
  return ((day * 24 + Number(hour)) * 60 + Number(minute)) * 60_000 + Number(second) * 1000
}

const time = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)'
/** IMF-fixdate; RFC 850; asctime. The name of the day tells nothing. */
const forms = [
  new RegExp(`^[A-Z][a-z]{2}, (?<date>\\d\\d) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, (?<date>\\d\\d)-(?<month>[A-Z][a-z]{2})-(?<year>\\d\\d) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<date>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
]

/** Year, month (0-based) and date of a day counted from 1970, in the Gregorian calendar. */
function civil(day: number): readonly [year: number, month: number, date: number] {
  let year = 1970 + Math.floor(day / 366)
  while (firstDay(year + 1) <= day) year++
  let rest = day - firstDay(year)
  const lengths = lengthsOf(year)
  let month = 0
  while (rest >= (lengths[month] as number)) rest -= lengths[month++] as number
  return [year, month, rest + 1]
}

/** The day of a date, counted from 1970; negative for a date that the month has not. */
function dayOf(year: number, month: number, date: number): number {
  const lengths = lengthsOf(year)
  if (date < 1 || date > (lengths[month] as number)) return -1
  return firstDay(year) + lengths.slice(0, month).reduce((days, length) => days + length, 0) + date - 1
}

function lengthsOf(year: number): readonly number[] {
  return [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

/** Days from 1970-01-01 to the first of January of a year. */
function firstDay(year: number): number {
  const y = year - 1
  return 365 * (year - 1970) + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) - 477
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
