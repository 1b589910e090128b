import express from 'express';

/** The least that could answer: what start and memory of the product stand beside. */
const server = express().get('/livez', (_request, response) => void response.json({ status: 'alive' }));
server.listen(Number(process.env['PORT']), '127.0.0.1');
