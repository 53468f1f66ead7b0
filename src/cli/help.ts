/** What `dropgate --help` teaches. */
export const help = `Usage: dropgate [dir] [options]

Serves a page on which files can be dropped, and saves them to dir (default: ./uploads).
A file is there whole and on stable storage, or not at all; nothing is ever overwritten.

Examples:
  dropgate                                  save to ./uploads, page at http://127.0.0.1:8080/
  dropgate photos --accept image/*          images only
  dropgate in --accept .pdf,.docx --max-file-size 20MiB --max-files 10
  dropgate --host 0.0.0.0 --token s3cret    for the whole network, with a token
  curl -F file=@a.pdf http://127.0.0.1:8080/uploads
  curl -F file=@a.pdf -H "Authorization: Bearer s3cret" http://192.0.2.7:8080/uploads

What may come in:
  --accept LIST          types and extensions, e.g. image/*,.pdf (default: everything)
  --max-file-size SIZE   e.g. 50MiB, 1.5GiB, or a number of bytes (default: no limit)
  --max-files N          files of one request, and of one visit of the page (default: no limit)

The page:
  --multiple             send several files in one request: all are kept or none
  --parallel N           requests at a time; with --multiple the files of one request (default: 2)

Files:
  --naming HOW           original (default): photo.jpg, then photo (1).jpg; or random: 32 hex digits

The server:
  --port N               8080 by default; 0 takes a free port
  --host ADDRESS         127.0.0.1 by default: this machine only
  --token TEXT           asked for on the page, or sent as "Authorization: Bearer TEXT"
  --open                 let everybody who reaches another address than loopback upload and download
  --log FORM             pretty (default), json (one object a line) or silent; warnings: stderr
  --json                 the same as --log json

  --help                 show this text
  --version              show the version

The settings of Flask-Dropzone are read from the environment; flags beat them:
  DROPZONE_MAX_FILE_SIZE=20 dropgate        at most 20 MiB a file
Ctrl-C waits up to 30 seconds for running uploads; a second Ctrl-C does not.
`
