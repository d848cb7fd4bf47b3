// Package services starts real PostgreSQL and Redis servers for tests. It
// promises servers on free ports and in temporary folders that are gone when the
// test process has ended, however it ended, and never says that a test cannot run
// because a server is missing: PostgreSQL of any major version comes from npm when
// the machine has no other. What is done with the servers is left to the tests.
//
//	db := services.Postgres(t, 16).Database(t) // a database of the test's own, on a server that all share
//	redis := services.NewRedis(t, services.Durable)
//	redis.Kill(t)
//	redis.Start(t)
//
// Where ORDINAUT_TEST_POSTGRES_URL and ORDINAUT_TEST_REDIS_URL are set, the servers
// that all tests share are those, whatever their version. A database of Redis is
// emptied when the process begins to use it.
package services
