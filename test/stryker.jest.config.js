'use strict';

const { projects } = require('./jest.config');

/** The unit level alone: mutants are judged by the tests that need neither n8n nor a network. */
module.exports = projects.find(({ displayName }) => displayName === 'unit');
