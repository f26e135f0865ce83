daicho_fuzz(proc_net SOURCES ${CMAKE_CURRENT_LIST_DIR}/../proc_net_fuzz.cc DEPS daicho_sources)
