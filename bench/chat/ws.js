// Node's ws as a chat server of one room, as its users write it: what came in is built once and sent to everybody.
// Usage: node bench/chat/ws.js PORT [quiet]
// quiet: who comes is told to nobody, and gets a list of itself alone; with 10,000 people those lists take minutes.
const { WebSocketServer, WebSocket } = require('ws')

const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096, perMessageDeflate: false })
const quiet = process.argv[3] === 'quiet'
const people = new Map()
let next = 0

function time() {
  return new Date().toISOString().slice(0, 19).replace('T', ' ')
}

function broadcast(message) {
  const data = Buffer.from(JSON.stringify(message))
  for (const client of people.keys()) if (client.readyState === WebSocket.OPEN) client.send(data, { binary: false })
}

function login(socket, id, name) {
  const login = { type: 'login', client_id: id, client_name: name, time: time() }
  if (!quiet) broadcast(login)
  people.set(socket, { id, name })
  const list = {}
  for (const who of quiet ? [people.get(socket)] : people.values()) list[who.id] = who.name
  socket.send(JSON.stringify({ ...login, client_list: list }))
}

server.on('connection', (socket) => {
  const id = (++next).toString(16).padStart(20, '0')
  socket.on('message', (data) => {
    const message = JSON.parse(data)
    if (message.type === 'login') {
      login(socket, id, message.client_name)
    } else if (message.type === 'say') {
      broadcast({
        type: 'say', from_client_id: id, from_client_name: people.get(socket).name, to_client_id: 'all',
        content: message.content, time: time()
      })
    }
  })
  socket.on('close', () => people.delete(socket))
  socket.on('error', () => {})
})
