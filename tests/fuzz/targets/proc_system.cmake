daicho_fuzz(proc_system SOURCES ${CMAKE_CURRENT_LIST_DIR}/../proc_system_fuzz.cc DEPS daicho_sources)
