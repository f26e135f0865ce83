daicho_fuzz(lastlog SOURCES ${CMAKE_CURRENT_LIST_DIR}/../lastlog_fuzz.cc DEPS daicho_sources)
