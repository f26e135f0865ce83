daicho_fuzz(cycle_record SOURCES ${CMAKE_CURRENT_LIST_DIR}/../cycle_record_fuzz.cc DEPS daicho_cycle_pipe)
