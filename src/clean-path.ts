/** An absolute path without empty, `.` and `..` elements, by its text alone; `/` for the root itself. */
export function cleanPath(path: string): string {
  // Most are clean: to look costs less than to take apart.
  if (path.startsWith('/') && !path.endsWith('/') && !path.includes('//') && !path.includes('/.')) return path;
  const elements: string[] = [];
  for (const element of path.split('/')) {
    if (element === '..') elements.pop();
    else if (element !== '' && element !== '.') elements.push(element);
  }
  return `/${elements.join('/')}`;
}
