/**
 * A moment in RFC 3339 with nanoseconds, UTC, trailing zeros cut, as Go's time.RFC3339Nano writes it.
 * The civil date by the shifted-year method: years that begin in March make leap days come last.
 * @param seconds since 1970, not negative
 */
export function rfc3339Nano(seconds: number, nanoseconds: number): string {
  const days = Math.floor(seconds / 86400) + 719468;
  const era = Math.floor(days / 146097);
  const dayOfEra = days - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const time = seconds % 86400;
  const clock = [Math.floor(time / 3600), Math.floor(time / 60) % 60, time % 60].map(twoDigits).join(':');
  const fraction = nanoseconds === 0 ? '' : `.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}`;
  return `${year}-${twoDigits(month)}-${twoDigits(day)}T${clock}${fraction}Z`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');
