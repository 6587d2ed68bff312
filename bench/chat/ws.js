// Node's ws as a chat server of one room, as its users write it: what came in is built once and sent to everybody.
// Usage: node bench/chat/ws.js PORT
const { WebSocketServer, WebSocket } = require('ws')

const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096, perMessageDeflate: false })
const names = new Map()
let next = 0

function time() {
  return new Date().toISOString().slice(0, 19).replace('T', ' ')
}

function broadcast(message) {
  const data = Buffer.from(JSON.stringify(message))
  for (const client of names.keys()) if (client.readyState === WebSocket.OPEN) client.send(data, { binary: false })
}

server.on('connection', (socket) => {
  const id = (++next).toString(16).padStart(20, '0')
  socket.on('message', (data) => {
    const message = JSON.parse(data)
    if (message.type === 'login') {
      const login = { type: 'login', client_id: id, client_name: message.client_name, time: time() }
      broadcast(login)
      names.set(socket, { id, name: message.client_name })
      const list = {}
      for (const who of names.values()) list[who.id] = who.name
      socket.send(JSON.stringify({ ...login, client_list: list }))
    } else if (message.type === 'say') {
      const from = names.get(socket)
      broadcast({
        type: 'say', from_client_id: id, from_client_name: from.name, to_client_id: 'all', content: message.content, time: time()
      })
    }
  })
  socket.on('close', () => names.delete(socket))
  socket.on('error', () => {})
})
