const news = document.getElementById('news')

dropgate.configure('myDropzone', {
  // The name to send: without spaces.
  renameFile: file => file.name.replaceAll(' ', '-'),
  on: {
    success: (_file, answer) => news.append(`Kept as ${answer.files[0].name}. `),
    maxfilesexceeded: () => news.append('That is enough. '),
  },
})
