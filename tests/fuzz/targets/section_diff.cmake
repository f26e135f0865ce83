if(TARGET daicho_reports)
  daicho_fuzz(section_diff SOURCES ${CMAKE_CURRENT_LIST_DIR}/../section_diff_fuzz.cc DEPS daicho_reports)
endif()
