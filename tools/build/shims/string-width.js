// string-width wants Intl.Segmenter, which QuickJS-NG has not; ocirun's help is plain ASCII.
export default (text) => [...text].length;
