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

/** Year, month (0-based) and date of a day counted from 1970, in the Gregorian calendar. */
function civil(day: number): readonly [year: number, month: number, date: number] {
  let year = 1970 + Math.floor(day / 366)
  while (firstDay(year + 1) <= day) year++
  let rest = day - firstDay(year)
  const lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  let month = 0
  while (rest >= (lengths[month] as number)) rest -= lengths[month++] as number
  return [year, month, rest + 1]
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
